import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { contentOf, DESCRIPTION, readDescription, readWeights, weightsSchema } from './model-folder.ts';

/** The model's files as SageMaker takes them: a gzipped tar, unpacked to /opt/ml/model. */
export interface ModelArchive {
  /** A `.tar.gz` in a temporary folder. */
  readonly file: string;
  /** Of the files' names and contents, not of the archive: equal files deploy nothing, whatever compressed them. */
  readonly sha256: string;
  /** Removes the temporary folder, once the file was taken over. */
  remove(): void;
}

const descriptionSchema = z.object({ variants: z.record(z.string(), weightsSchema) });

/**
 * Packs `model.json` and the weights that it names: half precision for the container's GPU, int8 for where there is none, as in
 * the local cloud, which unpacks this archive too. What else lies there, such as the model card, is for people: a changed
 * sentence must not replace the endpoint.
 *
 * @throws ModelFolderProblem when `model.json` or a file that it names is not there, or the file is another one.
 */
export function archiveModel(folder: string): ModelArchive {
  const { variants } = readDescription(folder, descriptionSchema);
  // Several variants may share a file.
  const contents = new Map(Object.values(variants).map((weights) => [weights.file, readWeights(folder, weights)]));
  contents.set(DESCRIPTION, contentOf(folder, DESCRIPTION));
  const files = [...contents].map(([name, content]) => ({ name, content })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const digest = createHash('sha256');
  for (const { name, content } of files) digest.update(`${name}\0${content.length}\0`).update(content);
  const temporary = mkdtempSync(join(tmpdir(), 'nvir-model-'));
  const file = join(temporary, 'model.tar.gz');
  // Weights hardly compress: the fastest level.
  writeFileSync(file, gzipSync(tar(files), { level: 1 }));
  return {
    file,
    sha256: digest.digest('hex'),
    remove: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

const blockBytes = 512;

/** A POSIX ustar archive with fixed owners and times. */
function tar(files: readonly { name: string; content: Buffer }[]): Buffer {
  const blocks = files.flatMap(({ name, content }) => [
    tarHeader(name, content.length),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function tarHeader(name: string, bytes: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for a tar archive`);
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(bytes, 11)}\0${octal(0, 11)}\0`, 100);
  // The checksum counts its own field as spaces.
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${octal(checksum, 6)}\0 `, 148);
  return header;
}
