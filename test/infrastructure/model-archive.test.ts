import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { archiveModel } from '../../lib/model-archive.ts';

let folder: string;
const sha256Of = (file: string) =>
  createHash('sha256')
    .update(existsSync(join(folder, file)) ? readFileSync(join(folder, file)) : '')
    .digest('hex');
const description = (...files: string[]) =>
  JSON.stringify({
    name: 'nvir',
    variants: Object.fromEntries(files.map((file, i) => [`v${i}`, { file, sha256: sha256Of(file) }])),
  });
const describe = (...files: string[]) => writeFileSync(join(folder, 'model.json'), description(...files));
const NO_DIGEST = JSON.stringify({ variants: { v0: { file: 'weights.onnx' } } });
const digest = () => {
  const archive = archiveModel(folder);
  archive.remove();
  return archive.sha256;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvir-model-test-'));
  writeFileSync(join(folder, 'weights.onnx'), Buffer.alloc(1000, 7));
  describe('weights.onnx');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is unpacked by tar to what was packed', () => {
  const archive = archiveModel(folder);
  const out = join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', archive.file, '-C', out]);
  archive.remove();
  expect(readFileSync(join(out, 'model.json'), 'utf8')).toBe(description('weights.onnx'));
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
  const digests = new Set<string>([digest()]);
  writeFileSync(join(folder, 'weights.onnx'), Buffer.alloc(1000, 8));
  describe('weights.onnx');
  digests.add(digest());
  rmSync(join(folder, 'weights.onnx'));
  writeFileSync(join(folder, 'other.onnx'), Buffer.alloc(1000, 8));
  describe('other.onnx');
  digests.add(digest());
  expect(digests.size).toBe(3);
});

it('holds every variant, and nothing that is for people: a changed card deploys nothing', () => {
  writeFileSync(join(folder, 'half.onnx'), 'half');
  describe('weights.onnx', 'half.onnx', 'weights.onnx');
  const before = digest();
  writeFileSync(join(folder, 'MODEL_CARD.md'), 'A sentence.');
  writeFileSync(join(folder, 'evaluation.json'), '{}');
  expect(digest()).toBe(before);
  const archive = archiveModel(folder);
  const names = execFileSync('tar', ['-tzf', archive.file], { encoding: 'utf8' }).trim().split('\n');
  archive.remove();
  expect(names.sort()).toEqual(['half.onnx', 'model.json', 'weights.onnx']);
});

it.each([
  ['model.json is not there', () => rmSync(join(folder, 'model.json')), /no model\.json/],
  ['a variant’s file is not there', () => describe('weights.onnx', 'lost.onnx'), /no lost\.onnx/],
  [
    'a variant’s file is another than the one named',
    () => writeFileSync(join(folder, 'weights.onnx'), Buffer.alloc(1000, 8)),
    /weights\.onnx is not the file that model\.json names \(another SHA-256\): export the model again/,
  ],
  ['no SHA-256 is named', () => writeFileSync(join(folder, 'model.json'), NO_DIGEST), /sha256/],
  ['model.json is no JSON', () => writeFileSync(join(folder, 'model.json'), '{'), /model\.json is no JSON/],
  ['a variant lies elsewhere', () => describe('../weights.onnx'), /beside model\.json/],
])('says what is wrong when %s', (_, spoil, message) => {
  spoil();
  expect(() => archiveModel(folder)).toThrow(message);
});
