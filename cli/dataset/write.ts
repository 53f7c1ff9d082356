/** What Python trains from: `images.npy`, `index.csv`, and `dropped.csv` beside them. */
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Dropped } from '../../lambdas/domain/labelled/dropped.ts';
import type { LabelledImage } from '../../lambdas/domain/labelled/label-plate.ts';
import type { Split, SplitItem } from '../../lambdas/domain/labelled/split.ts';
import type { Study } from '../../lambdas/domain/notes/study.ts';
import { isSimulated, SIMULATION } from '../../lambdas/domain/scoring/simulated.ts';
import { INPUT_SIDE } from '../../lambdas/imaging/index.ts';
import { npyHeader } from '../../simulation/training/npy.ts';
import { INPUT_BYTES } from './images.ts';

export interface DatasetRow extends LabelledImage, SplitItem {
  split: Split;
  notes: Study;
}

/** Columns in the order of model-container/README.md. */
const indexRow = (item: DatasetRow, row: number) => ({
  row,
  location: item.location,
  microscope: item.microscope,
  // Empty for real plates. Of a simulated one only that is known: its truth stays aside.
  mechanism: isSimulated(item.notes, [item.image.reading]) ? SIMULATION : '',
  cell_model: item.notes.cellModel,
  study: item.study,
  plate: item.plate,
  batch: item.batch,
  date: item.date,
  day: item.day,
  compound: item.entry.compound,
  role: item.role,
  well: item.entry.name,
  concentration_uM: item.entry.concentration_uM,
  split: item.split,
  viability_true: '',
  atp_rlu: item.atp_rlu,
  atp_control_rlu: item.control.atp_rlu,
  control: item.control.role,
  image: item.image.reading.path,
});

const DROPPED_COLUMNS: (keyof Dropped)[] = ['study', 'plate', 'well', 'day', 'image', 'reason', 'detail'];

/** @param inputs file of the inputs, and each image's place in it by key */
export async function writeDataset(
  folder: string,
  rows: readonly DatasetRow[],
  dropped: readonly Dropped[],
  inputs: { file: string; slots: ReadonlyMap<string, number> },
): Promise<void> {
  // An older set is kept until there is a new one to write.
  await rm(join(folder, 'index.csv'), { force: true });
  const from = await open(inputs.file, 'r');
  const to = await open(join(folder, 'images.npy'), 'w');
  try {
    const header = npyHeader([rows.length, INPUT_SIDE, INPUT_SIDE]);
    await to.write(header);
    const input = new Uint8Array(INPUT_BYTES);
    for (const { image } of rows) {
      const slot = inputs.slots.get(image.reading.key);
      const { bytesRead } = await from.read(input, 0, INPUT_BYTES, (slot ?? Number.NaN) * INPUT_BYTES);
      if (bytesRead !== INPUT_BYTES) throw new Error(`the input of ${image.reading.key} was lost`);
      await to.write(input);
    }
  } finally {
    await from.close();
    await to.close();
  }
  await writeFile(join(folder, 'dropped.csv'), stringify([...dropped], { header: true, columns: DROPPED_COLUMNS }));
  // The index comes last: where it is, the images are complete.
  await writeFile(join(folder, 'index.csv'), stringify(rows.map(indexRow), { header: true }));
}
