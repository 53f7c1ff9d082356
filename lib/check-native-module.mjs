#!/usr/bin/env node
/**
 * Fails a bundle whose native binary is missing or is another processor's. A function without it dies at its first
 * image, after everything was deployed.
 *
 * Usage: check-native-module.mjs BUNDLE sharp OS CPU
 */
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const [bundle, name, os, cpu] = process.argv.slice(2);
const packages = join(bundle, 'node_modules', '@img');
const libcSuffix = os === 'linux' && existsSync(join(packages, `${name}-linuxmusl-${cpu}`)) ? 'musl' : '';
const platform = `${os}${libcSuffix}-${cpu}`;

const problems = [
  ...(existsSync(join(bundle, 'node_modules', name, 'package.json')) ? [] : [`${name} itself`]),
  ...missingBinary(`${name}-${platform}`, (file) => file.endsWith('.node')),
  ...missingBinary(`${name}-libvips-${platform}`, (file) => /libvips.*\.(so|dylib)/.test(file)),
];

if (problems.length > 0) {
  const installed = existsSync(packages) ? readdirSync(packages).join(', ') : 'nothing';
  console.error(
    `The bundle has no working ${name} for ${platform}. Missing: ${problems.join('; ')}. Installed: ${installed}.\n` +
      'npm installs nothing and says nothing when it is offline and has never fetched these packages: ' +
      'synthesise once with the package registry in reach.',
  );
  process.exit(1);
}

function missingBinary(packageName, isBinary) {
  const lib = join(packages, packageName, 'lib');
  const binary = existsSync(lib) ? readdirSync(lib).find(isBinary) : undefined;
  if (binary === undefined) return [`@img/${packageName}`];
  const found = elfProcessor(join(lib, binary));
  return os === 'linux' && found !== cpu ? [`@img/${packageName}/lib/${binary} is built for ${found}`] : [];
}

/** The machine an ELF file was built for, from its header (e_machine at byte 18). */
function elfProcessor(file) {
  const header = Buffer.alloc(20);
  const handle = openSync(file, 'r');
  readSync(handle, header, 0, header.length, 0);
  closeSync(handle);
  if (header.toString('latin1', 1, 4) !== 'ELF') return 'nothing (no ELF file)';
  return { 62: 'x64', 183: 'arm64' }[header.readUInt16LE(18)] ?? 'another processor';
}
