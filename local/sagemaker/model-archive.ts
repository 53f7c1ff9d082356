import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK = 512;

/**
 * Unpacks a `model.tar.gz` into a folder, as SageMaker does for the container, unless it is there already. The archive
 * is flat: a file in a folder of its own would be unpacked beside where the container looks.
 */
export function unpackModel(archive: string, into: string): void {
  if (existsSync(into)) return;
  const unfinished = `${into}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const { name, bytes } of tarFiles(gunzipSync(readFileSync(archive)))) {
    writeFileSync(join(unfinished, basename(name)), bytes);
  }
  renameSync(unfinished, into);
}

/** The regular files of a tar archive. Long names (pax, GNU) are not needed here and are an error. */
function* tarFiles(tar: Buffer): Generator<{ name: string; bytes: Buffer }> {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header[0] === 0) return;
    const name = textOf(header.subarray(0, 100));
    const size = Number.parseInt(textOf(header.subarray(124, 136)).trim() || '0', 8);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === '0' || type === '\0') yield { name, bytes: tar.subarray(at + BLOCK, at + BLOCK + size) };
    else if (type !== '5') throw new Error(`tar entry ${name} is of type ${type}, which is not read here`);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}
