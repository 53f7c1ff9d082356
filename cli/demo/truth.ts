/** The simulation's truth, read from beside the export. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

const imageTruth = z.object({
  plate: z.string(),
  path: z.string(),
  viability: z.string().transform((text) => (text === '' ? undefined : Number(text))),
});
const compoundTruth = z.object({
  compound: z.string(),
  day: z.coerce.number(),
  trueIc50_uM: z.coerce.number(),
  lowestTested_uM: z.coerce.number(),
  highestTested_uM: z.coerce.number(),
});
export type CompoundTruth = z.infer<typeof compoundTruth>;

export interface Truth {
  /** True viability of an image; undefined where there is no spheroid, or no picture. */
  viability(plate: string, path: string): number | undefined;
  compound(name: string, day: number): CompoundTruth | undefined;
}

export async function readTruth(folder: string): Promise<Truth> {
  const rows = async (name: string): Promise<unknown> =>
    parse(await readFile(join(folder, name), 'utf8'), { columns: true });
  const images = z.array(imageTruth).parse(await rows('truth.csv'));
  const compounds = z.array(compoundTruth).parse(await rows('truth-compounds.csv'));
  const byPath = new Map(images.map((image) => [`${image.plate}/${image.path}`, image.viability]));
  return {
    viability: (plate, path) => byPath.get(`${plate}/${path}`),
    compound: (name, day) => compounds.find((row) => row.compound === name && row.day === day),
  };
}
