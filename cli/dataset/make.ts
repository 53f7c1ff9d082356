/** The way from export folders and ATP files to a labelled set: read, place, label, split, write, report. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type PlacedSignal, placeSignals, uniqueSignals } from '../../lambdas/domain/atp/place.ts';
import { markSaturated } from '../../lambdas/domain/atp/saturation.ts';
import { parseAtpFile } from '../../lambdas/domain/atp/table.ts';
import type { Dropped } from '../../lambdas/domain/labelled/dropped.ts';
import { type LabelledImage, labelPlate, ofSignal } from '../../lambdas/domain/labelled/label-plate.ts';
import { withoutSameFiles } from '../../lambdas/domain/labelled/same-file.ts';
import { assignSplits, type SplitItem } from '../../lambdas/domain/labelled/split.ts';
import type { Exclusion } from '../../lambdas/domain/notes/exclusions.ts';
import type { Study } from '../../lambdas/domain/notes/study.ts';
import { placeReadings } from '../../lambdas/domain/reads/plate-reads.ts';
import { groupBy } from '../../lambdas/domain/statistics.ts';
import { UserError } from '../console.ts';
import { readGiven } from '../given-file.ts';
import { type PlateFolder, platesIn } from './exports.ts';
import { type PlateToRead, type ReadPlate, readImages } from './images.ts';
import { type DatasetReport, reportOf } from './report.ts';
import { type DatasetRow, writeDataset } from './write.ts';

export interface DatasetOptions {
  atp: string[];
  out: string;
  plate?: string;
  day?: number;
  testStudies?: string[];
  unseen: string[];
  validationShare: number;
  batchBy: 'study' | 'plate';
  vehicleAsControl?: true;
  saturation?: number;
  mismatch: number;
  replace?: true;
}

/** @throws UserError, NotesError or SplitRefused; then there is no index in the folder */
export async function makeDataset(exports: readonly string[], options: DatasetOptions): Promise<DatasetReport> {
  const folder = resolve(options.out);
  if (existsSync(join(folder, 'index.csv')) && !options.replace)
    throw new UserError(`${folder} holds a labelled set`, 'Choose another --out, or give --replace.');
  const folders = await platesIn(exports);
  const { signals, repeated } = await readAtp(folders, options);
  const ofPlate = groupBy(signals, placeOf);
  const plates = await platesToRead(folders, ofPlate);
  await mkdir(folder, { recursive: true });
  const inputs = join(folder, 'inputs.partial');
  try {
    const read = await readImages(plates, inputs);
    const joined = read.plates.map((plate) => labelled(plate, ofPlate, options));
    const { labelled: images, dropped: same } = withoutSameFiles(
      joined.flatMap((plate) => plate.labelled),
      joined.flatMap((plate) => plate.images),
    );
    const dropped = [
      ...joined.flatMap((plate) => plate.dropped),
      ...same,
      ...repeated.map((signal) => ofSignal(signal, 'duplicate', `stands again in ${signal.file}, row ${signal.line}`)),
    ];
    const rows = splitRows(images, read.plates, options, dropped);
    await writeDataset(folder, rows, dropped, { file: inputs, slots: read.slots });
    const notes = [...joined.flatMap((plate) => plate.notes), ...remarks(folders, joined, rows)];
    return reportOf(folder, rows, dropped, notes);
  } finally {
    await rm(inputs, { force: true });
  }
}

async function readAtp(folders: readonly PlateFolder[], options: DatasetOptions) {
  if (options.plate !== undefined && options.atp.length > 1)
    throw new UserError(
      '--plate is for one ATP file',
      'Name the files P1_day7.csv, or write "Plate: P1" above each block.',
    );
  const knownPlates = new Set(folders.map(({ plate }) => plate));
  const read = await Promise.all(
    options.atp.map(async (file) => {
      return parseAtpFile(await readGiven(file), file, { plate: options.plate, day: options.day, knownPlates });
    }),
  );
  const { signals, repeated } = uniqueSignals(placeSignals(read.flat(), folders));
  if (signals.length === 0) throw new UserError('the ATP files hold no values', 'Check what was exported.');
  return { signals: markSaturated(signals, options.saturation), repeated };
}

type SignalsOfPlate = ReadonlyMap<string, readonly PlacedSignal[]>;

const placeOf = ({ study, plate }: { study: string; plate: string }): string => JSON.stringify([study, plate]);

async function platesToRead(folders: readonly PlateFolder[], signals: SignalsOfPlate): Promise<PlateToRead[]> {
  const plates: PlateToRead[] = [];
  for (const folder of folders) {
    const own = signals.get(placeOf(folder));
    if (own) plates.push({ folder, ...(await folder.readNotes()), days: new Set(own.map(({ day }) => day)) });
  }
  return plates;
}

function labelled(
  { plate: { folder, notes, map, exclusions }, readings }: ReadPlate,
  signals: SignalsOfPlate,
  options: DatasetOptions,
) {
  const images = placeReadings(readings, notes, map);
  const { study, plate } = folder;
  const answer = labelPlate({ study, plate, notes, map, exclusions, images }, signals.get(placeOf(folder)) ?? [], {
    vehicleInstead: options.vehicleAsControl ?? false,
    mismatchAtMost: options.mismatch,
  });
  return { ...answer, folder, images, exclusions, hasDay0: images.some(({ day }) => day === 0) };
}

function splitRows(
  images: readonly LabelledImage[],
  plates: readonly ReadPlate[],
  options: DatasetOptions,
  dropped: readonly Dropped[],
): DatasetRow[] {
  if (images.length === 0) {
    const counts = new Map<string, number>();
    for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    const why = [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
    throw new UserError(`no image got a label (${why})`, 'See docs/train-your-own.md for what a plate needs.');
  }
  const notesOf = new Map(plates.map(({ plate: { folder, notes } }) => [folder.study, notes]));
  const firstImage = firstImages(images);
  const items = images.map((labelledImage) => {
    const { study, plate } = labelledImage.image.reading;
    const notes = notesOf.get(study);
    if (!notes) throw new Error(`study ${study} lost its notes`);
    const { location, microscope } = notes;
    const dosedOn = labDay(notes);
    const batch: Pick<SplitItem, 'batch' | 'date'> =
      options.batchBy === 'study'
        ? { batch: dosedOn, date: dosedOn }
        : { batch: `${study}/${plate}`, date: firstImage.get(`${study}/${plate}`) ?? dosedOn };
    return { ...labelledImage, notes, location, microscope, study, plate, dosing: dosedOn, ...batch };
  });
  const splits = assignSplits(items, {
    testStudies: options.testStudies,
    unseen: options.unseen,
    validationShare: options.validationShare,
  });
  return items.map((item, i) => ({ ...item, split: splits[i] ?? 'train' }));
}

/** Calendar day of the first dosing by the lab's clock. */
const labDay = ({ firstDosing: { at, utcOffsetMinutes } }: Study): string =>
  new Date(Date.parse(at) + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);

/** When the first labelled image of each plate was taken. */
function firstImages(images: readonly LabelledImage[]): Map<string, string> {
  const first = new Map<string, string>();
  for (const { image } of images) {
    const key = `${image.reading.study}/${image.reading.plate}`;
    const former = first.get(key);
    if (former === undefined || image.acquisition.at < former) first.set(key, image.acquisition.at);
  }
  return first;
}

/** What no row tells. */
function remarks(
  folders: readonly PlateFolder[],
  joined: readonly { folder: PlateFolder; exclusions: readonly Exclusion[]; hasDay0: boolean }[],
  rows: readonly DatasetRow[],
): string[] {
  const byVehicle = rows.filter(({ control }) => control.role === 'vehicle').length;
  const read = new Set(joined.map(({ folder }) => folder));
  const without = folders.filter((folder) => !read.has(folder)).map(({ study, plate }) => `${study}/${plate}`);
  const named = new Set(folders.map(({ study, plate }) => `${study}/${plate}`));
  const excludedFrom = joined.flatMap(({ folder, exclusions }) =>
    exclusions.map(({ plate }) => `${folder.study}/${plate}`),
  );
  const strangers = [...new Set(excludedFrom)].filter((plate) => !named.has(plate));
  const blind = joined.filter(({ hasDay0 }) => !hasDay0).map(({ folder }) => `${folder.study}/${folder.plate}`);
  return [
    ...(byVehicle > 0 && byVehicle < rows.length
      ? [
          `${byVehicle} labels are relative to vehicle and ${rows.length - byVehicle} to untreated: one set holds two scales`,
        ]
      : []),
    ...(strangers.length > 0 ? [`exclusions.csv names plates that the exports do not have: ${someOf(strangers)}`] : []),
    ...(without.length > 0 ? [`no ATP for ${without.length} of ${folders.length} plates: ${someOf(without)}`] : []),
    ...(blind.length > 0
      ? [
          `no image of day 0 for ${blind.length} plates (${someOf(blind)}): spheroids malformed from the start could not be told`,
        ]
      : []),
  ];
}

const NAMED_AT_MOST = 6;
const someOf = (names: readonly string[]): string =>
  names.slice(0, NAMED_AT_MOST).join(', ') + (names.length > NAMED_AT_MOST ? ', …' : '');
