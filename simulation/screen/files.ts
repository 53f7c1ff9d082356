/** Names and notes of a screen, as an instrument and a lab would write them. */
import { stringify } from 'csv-stringify/sync';
import { mechanismByName } from '../profiles/mechanisms.ts';
import { seededRandom, seedOf } from '../random.ts';
import type { ScreenImage, ScreenOptions, ScreenPlan } from './plan.ts';
import { trueIc50 } from './plan.ts';

const LAB_OFFSET_HOURS = 1;
const DOSING_HOUR_UTC = 8;
const SECONDS_PER_WELL = 9;

export const SIMULATED = 'SIMULATED IMAGES';

const firstDosing = ({ dosedOn }: ScreenOptions): number => Date.parse(dosedOn) + DOSING_HOUR_UTC * 3_600_000;

export function studyNotes({ options }: ScreenPlan): string {
  const { microscope, cellModel } = mechanismByName(options.mechanism);
  return JSON.stringify(
    {
      name: `${options.study}: ${SIMULATED}`,
      location: microscope.location,
      microscope: microscope.name,
      cellModel: cellModel.name,
      donor: cellModel.donor,
      firstDosing: `${new Date(firstDosing(options) + LAB_OFFSET_HOURS * 3_600_000).toISOString().slice(0, 19)}+01:00`,
      vehicleControls: ['dmso'],
      untreatedControls: ['medium'],
      imagingDays: options.days,
      bitDepth: microscope.bitDepth,
      simulated: true,
    },
    null,
    2,
  );
}

export function plateMapCsv({ wells }: ScreenPlan, plate: string): string {
  const rows = wells
    .filter((well) => well.plate === plate)
    .map(({ well, compound, concentration_uM, role }) => ({ well, compound, concentration_uM, role }));
  return stringify(rows, { header: true });
}

/** ImageXpress writes the well and then a GUID, without a separator. */
export function imageName({ plate, well, day }: ScreenImage, seed: number): string {
  const random = seededRandom(seedOf(seed, plate, well, day, 'guid'));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () =>
      Math.floor(16 * random())
        .toString(16)
        .toUpperCase(),
    ).join('');
  return `${plate}/day${day}/${plate}_${well}${hex(8)}-${hex(4)}-4${hex(3)}-A${hex(3)}-${hex(12)}.tif`;
}

/** Local time at which the image was taken: wells one after the other. */
export const takenAt = (options: ScreenOptions, image: ScreenImage, order: number): Date =>
  new Date(
    firstDosing(options) + (image.day * 24 + 1 + LAB_OFFSET_HOURS) * 3_600_000 + order * SECONDS_PER_WELL * 1000,
  );

/** The truth, kept aside: it never goes into the bucket. */
export function truthCsv({ images, options }: ScreenPlan): string {
  const rows = images.map((image) => ({
    images: SIMULATED,
    study: options.study,
    plate: image.plate,
    well: image.well,
    day: image.day,
    path: imageName(image, options.seed).slice(image.plate.length + 1),
    compound: image.compound,
    concentration_uM: image.concentration_uM,
    role: image.role,
    viability: image.viability?.toFixed(4) ?? '',
    bad: image.fault ?? '',
  }));
  return stringify(rows, { header: true });
}

export function truthCompoundsCsv({ drugs, options }: ScreenPlan): string {
  const lastDay = Math.max(...options.days);
  const rows = drugs.flatMap((drug) =>
    options.days.map((day) => ({
      images: SIMULATED,
      compound: drug.name,
      day,
      trueIc50_uM: trueIc50(drug, day, lastDay).toPrecision(6),
      hill: drug.hill.toFixed(4),
      cmax_uM: drug.cmax_uM,
      lowestTested_uM: drug.doses_uM[0],
      highestTested_uM: drug.doses_uM.at(-1),
    })),
  );
  return stringify(rows, { header: true });
}
