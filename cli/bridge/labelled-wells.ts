/** Wells with the viabilities of image and ATP: from a table, or from a labelled set that a model reads here. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BridgeWell } from '../../lambdas/domain/bridge/wells.ts';
import { groupBy, median } from '../../lambdas/domain/statistics.ts';
import { parseWell, wellName } from '../../lambdas/domain/well.ts';
import { INPUT_SIDE } from '../../lambdas/imaging/index.ts';
import { progress, UserError } from '../console.ts';
import { filled, numberIn, readRows } from '../csv-rows.ts';
import type { ShippedModel } from '../model.ts';
import { firstImageAt } from './npy-file.ts';

const wellText = filled.transform((text, context): string => {
  const well = parseWell(text);
  if (well) return wellName(well);
  context.addIssue({ code: 'custom', message: `is not a well (${text})` });
  return z.NEVER;
});

const optional = (commaIsDecimal: boolean) =>
  z
    .string()
    .optional()
    .transform((text) => (text === '' ? undefined : text))
    .pipe(numberIn(commaIsDecimal).optional());

const tableSchema = (commaIsDecimal: boolean) =>
  z
    .object({
      study: z.string().default(''),
      plate: filled,
      well: wellText,
      day: filled.pipe(numberIn(commaIsDecimal)),
      compound: z.string().optional(),
      concentration_uM: optional(commaIsDecimal),
      viability_image: filled.pipe(numberIn(commaIsDecimal)),
      viability_atp: filled.pipe(numberIn(commaIsDecimal)),
    })
    .transform(
      ({ viability_image, viability_atp, compound, concentration_uM, ...place }): BridgeWell => ({
        ...place,
        compound: compound === '' ? undefined : compound,
        concentration_uM,
        predicted: viability_image,
        label: viability_atp,
      }),
    );

/** @throws UserError naming the row, also for a well that stands twice */
export async function wellsOfTable(file: string): Promise<BridgeWell[]> {
  const wells = await readRows(file, tableSchema, 'bridge');
  for (const group of groupBy(wells, placeOf).values()) {
    const [first, second] = group;
    if (first && second)
      throw new UserError(
        `${file}: well ${first.well} of plate ${first.plate}, day ${first.day}, stands ${group.length} times`,
        'Keep one row a well and day, the median of its images; A1, a01 and A01 are one well.',
      );
  }
  return wells;
}

const placeOf = ({ study, plate, well, day }: BridgeWell): string => JSON.stringify([study, plate, well, day]);

const decimal = filled.pipe(numberIn(false));

const indexSchema = () =>
  z.object({
    row: decimal,
    study: z.string(),
    plate: z.string(),
    well: wellText,
    day: decimal,
    compound: z.string(),
    concentration_uM: optional(false),
    split: z.string(),
    atp_rlu: decimal,
    atp_control_rlu: decimal
      .refine((value) => value > 0, { error: ({ input }) => `is not above 0 (${input})` })
      .optional(),
  });
type IndexRow = z.infer<ReturnType<typeof indexSchema>>;

const INPUT_BYTES = INPUT_SIDE * INPUT_SIDE;

/**
 * Of a folder that `nvir dataset` wrote, each image read by the model; a well's images are one value, their median.
 *
 * @param splits undefined: all
 */
export async function wellsOfDataset(
  folder: string,
  model: ShippedModel,
  splits: readonly string[] | undefined,
): Promise<BridgeWell[]> {
  const rows = await readRows(join(folder, 'index.csv'), indexSchema, 'bridge');
  if (rows.length === 0)
    throw new UserError(`${folder}/index.csv holds no rows`, 'Write the set again by `nvir dataset`.');
  mustBeNumbered(rows, folder);
  const wanted = rows.filter(({ split }) => splits === undefined || splits.includes(split));
  if (wanted.length === 0)
    throw new UserError(
      `${folder} has no images of split ${splits?.join(', ')}`,
      `It has ${[...new Set(rows.map(({ split }) => split))].join(', ')}.`,
    );
  const file = await open(join(folder, 'images.npy')).catch((error: Error) => {
    throw new UserError(
      `${folder}/images.npy cannot be read (${error.message})`,
      'Copy it beside index.csv, or write the set again by `nvir dataset`.',
    );
  });
  const bar = progress('Reading viability', wanted.length);
  try {
    const before = await firstImageAt(file, rows.length, folder);
    const read: BridgeWell[] = [];
    for (const row of wanted) {
      const input = new Uint8Array(INPUT_BYTES);
      await file.read(input, 0, INPUT_BYTES, before + row.row * INPUT_BYTES);
      read.push(wellOf(row, (await model.read(input)).viability, folder));
      bar.update(read.length);
    }
    return [...groupBy(read, placeOf).values()].flatMap((images) => {
      const [first] = images;
      return first ? [{ ...first, predicted: median(images.map(({ predicted }) => predicted)) }] : [];
    });
  } finally {
    bar.stop();
    await file.close();
  }
}

/** Each image is found by its row's number: one too large would be read as black, one that stands twice as another well's. */
function mustBeNumbered(rows: readonly IndexRow[], folder: string): void {
  const left = new Set(rows.keys());
  for (const { row } of rows)
    if (!left.delete(row))
      throw new UserError(
        `${folder}/index.csv: rows must be numbered 0 to ${rows.length - 1}, each once; ${row} is not`,
        'Write the set again by `nvir dataset`.',
      );
}

function wellOf(row: IndexRow, predicted: number, folder: string): BridgeWell {
  const { study, plate, well, day, compound, concentration_uM, atp_rlu, atp_control_rlu } = row;
  if (!atp_control_rlu)
    throw new UserError(
      `${folder}/index.csv has no atp_control_rlu`,
      'Write the set by `nvir dataset`, or give a table.',
    );
  return { study, plate, well, day, compound, concentration_uM, predicted, label: atp_rlu / atp_control_rlu };
}
