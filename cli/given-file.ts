/** A file that a person named on the command line. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from './console.ts';

const known = z.object({ code: z.string(), message: z.string() });

const WHY: Readonly<Record<string, [what: string, remedy: string]>> = {
  ENOENT: ['is not there', 'Check the path.'],
  EISDIR: ['is a folder', 'Name the file in it.'],
};

/** @throws UserError naming the file and why it cannot be read */
export async function readGiven(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = known.parse(error);
    const [what, remedy] = WHY[code] ?? [`cannot be read (${message})`, 'Check the path, and who may read it.'];
    throw new UserError(`${file} ${what}`, remedy);
  }
}
