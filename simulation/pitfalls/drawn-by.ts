/** Tells a folder that holds this very pitfall set from one that another version drew, or that was cut off. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { imagesFileBytes } from '../training/images-file.ts';
import type { PitfallRow } from './plan.ts';

/** In the folder, written last: what drew the set. */
export const DRAWN_BY_FILE = 'drawn-by.sha256';

const root = join(import.meta.dirname, '..', '..');
/** All that a pixel or a measured column depends on, and more: drawing once too often costs minutes, once too seldom a wrong figure. */
const SOURCES = ['simulation', 'lambdas/imaging', 'lambdas/domain'];

/** SHA-256 (hex) of the plan and of the code that draws and measures it. */
export function drawnBy(rows: readonly PitfallRow[]): string {
  const hash = createHash('sha256').update(JSON.stringify(rows));
  for (const folder of SOURCES)
    for (const file of sourcesIn(join(root, folder)))
      hash.update(`\n${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?ts$|\.mjs$/.test(name))
    .sort()
    .map((name) => join(folder, name));

/** Whether the set in a folder is whole, and the one that these rows and this code make. */
export function isDrawn(folder: string, rows: readonly PitfallRow[]): boolean {
  try {
    return (
      readFileSync(join(folder, DRAWN_BY_FILE), 'utf8').trim() === drawnBy(rows) &&
      // The note may be all that was kept or copied of the set.
      statSync(join(folder, 'images.npy')).size === imagesFileBytes(rows.length) &&
      statSync(join(folder, 'index.csv')).isFile()
    );
  } catch {
    return false;
  }
}
