import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { archiveModel } from '../../lib/model-archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvir-model-test-'));
  writeFileSync(join(folder, 'model.json'), '{"name":"nvir"}');
  writeFileSync(join(folder, 'weights.onnx'), Buffer.alloc(1000, 7));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is unpacked by tar to what was packed', () => {
  const archive = archiveModel(folder);
  const out = join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', archive.file, '-C', out]);
  archive.remove();
  expect(readFileSync(join(out, 'model.json'), 'utf8')).toBe('{"name":"nvir"}');
  expect(readFileSync(join(out, 'weights.onnx'))).toEqual(Buffer.alloc(1000, 7));
});

it('has the same digest and bytes for the same files, whenever they were written', () => {
  const first = archiveModel(folder);
  utimesSync(join(folder, 'weights.onnx'), 0, 0);
  const second = archiveModel(folder);
  expect(second.sha256).toBe(first.sha256);
  expect(readFileSync(second.file)).toEqual(readFileSync(first.file));
  first.remove();
  second.remove();
});

it('has another digest when a weight changed or a file was renamed', () => {
  const digests = new Set<string>();
  const digest = () => {
    const archive = archiveModel(folder);
    archive.remove();
    digests.add(archive.sha256);
  };
  digest();
  writeFileSync(join(folder, 'weights.onnx'), Buffer.alloc(1000, 8));
  digest();
  rmSync(join(folder, 'weights.onnx'));
  writeFileSync(join(folder, 'other.onnx'), Buffer.alloc(1000, 8));
  digest();
  expect(digests.size).toBe(3);
});

it('says what is missing when the folder has no model', () => {
  rmSync(join(folder, 'model.json'));
  expect(() => archiveModel(folder)).toThrow(/model\.json/);
});
