import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '../../lib/bundling.ts';

let bundle: string;
beforeEach(() => {
  bundle = mkdtempSync(join(tmpdir(), 'nvir-bundle-'));
});
afterEach(() => rmSync(bundle, { recursive: true, force: true }));

/** The first bytes of an ELF file for a machine (62 = x86-64, 183 = AArch64). */
const elf = (machine: number) => {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 0, 'latin1');
  header.writeUInt16LE(machine, 18);
  return header;
};

function put(path: string, content: Buffer | string): void {
  const file = join(bundle, 'node_modules', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

const check = () =>
  spawnSync(process.execPath, [join(projectRoot, 'lib/check-native-module.mjs'), bundle, 'sharp', 'linux', 'arm64'], {
    encoding: 'utf8',
  });

it('passes a bundle with sharp and libvips for the function’s processor', () => {
  put('sharp/package.json', '{}');
  put('@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node', elf(183));
  put('@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.8.18.1', elf(183));
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

it('fails when npm silently left libvips out', () => {
  put('sharp/package.json', '{}');
  put('@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node', elf(183));
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain('@img/sharp-libvips-linux-arm64');
  expect(stderr).toContain('registry');
});

it('fails when the package is there without its library', () => {
  put('sharp/package.json', '{}');
  put('@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node', elf(183));
  put('@img/sharp-libvips-linux-arm64/lib/index.js', '');
  expect(check()).toMatchObject({ status: 1 });
});

it('fails when this machine’s binary ships instead', () => {
  put('sharp/package.json', '{}');
  put('@img/sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node', elf(62));
  put('@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.1', elf(62));
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain('Installed: sharp-libvips-linux-x64, sharp-linux-x64');
});

it('looks into the file, not only at its name', () => {
  put('sharp/package.json', '{}');
  put('@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node', elf(62));
  put('@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.8.18.1', elf(183));
  expect(check().stderr).toContain('is built for x64');
});
