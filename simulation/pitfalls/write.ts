/** Draws the pitfall set and writes it for Python: `images.npy` and `index.csv`. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { seedOf } from '../random.ts';
import { writeImagesFile } from '../training/images-file.ts';
import type { PitfallAnswer, PitfallRequest } from './draw-worker.ts';
import { DRAWN_BY_FILE, drawnBy } from './drawn-by.ts';
import type { PitfallRow } from './plan.ts';
import { suspectedRows } from './suspected.ts';

/** @param rows as the plan numbers them, from its first plate on */
export async function writePitfalls(
  folder: string,
  rows: readonly PitfallRow[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  await rm(join(folder, DRAWN_BY_FILE), { force: true });
  const measured = new Map<number, Pick<PitfallAnswer, 'background' | 'flags'>>();
  const worker = new URL('./draw-worker.ts', import.meta.url);
  await writeImagesFile(folder, worker, drawRequests(rows), ({ row, background, flags }: PitfallAnswer) => {
    measured.set(row, { background, flags });
    onProgress(measured.size, rows.length);
  });
  const suspected = suspectedRows(rows, new Map([...measured].map(([row, { background }]) => [row, background])));
  const lines = rows.map((row) => ({
    ...row,
    background: measured.get(row.row)?.background,
    flags: measured.get(row.row)?.flags.join(' '),
    background_suspected: suspected.has(row.row) ? 'yes' : 'no',
  }));
  // The index comes last: where it is, the images are complete.
  await writeFile(join(folder, 'index.csv'), stringify(lines, { header: true }));
  await writeFile(join(folder, DRAWN_BY_FILE), `${drawnBy(rows)}\n`);
}

/** Seed and viability are those of the matched well, so that nothing but the pitfall differs. */
export function drawRequests(rows: readonly PitfallRow[]): PitfallRequest[] {
  return rows.map(({ row, mechanism, plate, phenomenon, strength, matched }) => {
    const { well = '', viability_true: viability = 0 } = rows[matched] ?? {};
    return { row, mechanism, viability, seed: seedOf('pitfalls', plate, well), phenomenon, strength };
  });
}
