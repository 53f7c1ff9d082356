/** `nvir dataset`: export folders and ATP files to the labelled set that model-container trains from. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type PlacedSignal, placeSignals, uniqueSignals } from '../../lambdas/domain/atp/place.ts';
import { markSaturated } from '../../lambdas/domain/atp/saturation.ts';
import { parseAtpFile } from '../../lambdas/domain/atp/table.ts';
import type { Dropped } from '../../lambdas/domain/labelled/dropped.ts';
import { type LabelledImage, labelPlate, ofSignal } from '../../lambdas/domain/labelled/label-plate.ts';
import { withoutSameFiles } from '../../lambdas/domain/labelled/same-file.ts';
import { assignSplits, type SplitItem, SplitRefused } from '../../lambdas/domain/labelled/split.ts';
import { NotesError } from '../../lambdas/domain/notes-error.ts';
import { placeReadings } from '../../lambdas/domain/plate-reads.ts';
import type { Study } from '../../lambdas/domain/study.ts';
import { nameList, numberOf, shareOf, wholeNumber } from '../arguments.ts';
import { note, printJson, UserError } from '../console.ts';
import { type PlateFolder, platesIn } from '../dataset/exports.ts';
import { type PlateToRead, type ReadPlate, readImages } from '../dataset/images.ts';
import { printReport, reportOf } from '../dataset/report.ts';
import { type DatasetRow, writeDataset } from '../dataset/write.ts';

interface DatasetOptions {
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
  json?: true;
}

export function datasetCommand(): Command {
  return new Command('dataset')
    .description('a labelled set to train on, from export folders and ATP readouts; says of everything dropped why')
    .argument('<exports...>', 'folder of studies as in the bucket, or a study’s folder, or NAME=FOLDER to name it')
    .requiredOption('--atp <file...>', 'plate,well,day,atp_rlu (and study), or a luminometer’s block a plate')
    .requiredOption('--out <dir>', 'folder to write: images.npy, index.csv, dropped.csv')
    .option('--plate <name>', 'plate of a block that does not say it')
    .option('--day <n>', 'day of blocks that do not say it', wholeNumber(0, 999))
    .option(
      '--test-studies <names>',
      'hold these out, a,b or none (default: the last study of a domain that has three)',
      nameList,
    )
    .option('--unseen <microscopes>', 'train on none of these microscopes; split “unseen”', nameList, [])
    .option('--validation-share <share>', 'of a domain’s images, its last batches', shareOf, 0.15)
    .addOption(
      new Option('--batch-by <what>', 'what is one batch: all studies dosed on one day, or each plate')
        .choices(['study', 'plate'])
        .default('study'),
    )
    .option('--vehicle-as-control', 'divide by vehicle wells where a plate read has no untreated ones')
    .option(
      '--saturation <rlu>',
      'where the luminometer ends (default: a highest value that repeats)',
      numberOf('counts'),
    )
    .option(
      '--mismatch <share>',
      'of a plate read’s wells that may lack image or ATP before it is refused',
      shareOf,
      0.2,
    )
    .option('--replace', 'write over a labelled set that is already there')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nA label is ATP over the median ATP of the untreated wells of the same plate and day. See docs/train-your-own.md.',
    )
    .action(async (exports: string[], options: DatasetOptions) => {
      try {
        await makeDataset(exports, options);
      } catch (error) {
        if (error instanceof SplitRefused) throw new UserError(error.reason, error.remedy);
        if (!(error instanceof NotesError)) throw error;
        const row = error.row === undefined ? '' : `, row ${error.row}`;
        throw new UserError(`${error.file}${row}: ${error.reason}`, error.remedy);
      }
    });
}

async function makeDataset(exports: readonly string[], options: DatasetOptions): Promise<void> {
  const folder = resolve(options.out);
  if (existsSync(join(folder, 'index.csv')) && !options.replace)
    throw new UserError(`${folder} holds a labelled set`, 'Choose another --out, or give --replace.');
  const folders = await platesIn(exports);
  const { signals, repeated } = await readAtp(folders, options);
  const plates = await platesToRead(folders, signals);
  await mkdir(folder, { recursive: true });
  await rm(join(folder, 'index.csv'), { force: true });
  const inputs = join(folder, 'inputs.partial');
  try {
    const read = await readImages(plates, inputs);
    const joined = read.plates.map((plate) => labelled(plate, signals, options));
    const { labelled: images, dropped: same } = withoutSameFiles(joined.flatMap((plate) => plate.labelled));
    const dropped = [
      ...joined.flatMap((plate) => plate.dropped),
      ...same,
      ...repeated.map((signal) => ofSignal(signal, 'duplicate', `stands again in ${signal.file}, row ${signal.line}`)),
    ];
    const rows = splitRows(images, read.plates, options, dropped);
    await writeDataset(folder, rows, dropped, { file: inputs, slots: read.slots });
    const report = reportOf(folder, rows, dropped, [
      ...joined.flatMap((plate) => plate.notes),
      ...remarks(folders, read.plates),
    ]);
    if (options.json) printJson(report);
    else printReport(report);
    note(`next: python -m nvir data --data ${options.out}, then train (docs/train-your-own.md)`);
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
      const text = await readFile(file, 'utf8').catch(() => {
        throw new UserError(`${file} cannot be read`, 'Check the path.');
      });
      return parseAtpFile(text, file, { plate: options.plate, day: options.day, knownPlates });
    }),
  );
  const { signals, repeated } = uniqueSignals(placeSignals(read.flat(), folders));
  if (signals.length === 0) throw new UserError('the ATP files hold no values', 'Check what was exported.');
  return { signals: markSaturated(signals, options.saturation), repeated };
}

async function platesToRead(folders: readonly PlateFolder[], signals: readonly PlacedSignal[]): Promise<PlateToRead[]> {
  const plates: PlateToRead[] = [];
  for (const folder of folders) {
    const own = signals.filter(({ study, plate }) => study === folder.study && plate === folder.plate);
    if (own.length > 0)
      plates.push({ folder, ...(await folder.readNotes()), days: new Set(own.map(({ day }) => day)) });
  }
  return plates;
}

function labelled(
  { plate: { folder, notes, map }, readings }: ReadPlate,
  signals: readonly PlacedSignal[],
  options: DatasetOptions,
) {
  const { study, plate } = folder;
  const own = signals.filter((signal) => signal.study === study && signal.plate === plate);
  return labelPlate({ study, plate, notes, map, images: placeReadings(readings, notes, map) }, own, {
    vehicleInstead: options.vehicleAsControl ?? false,
    mismatchAtMost: options.mismatch,
  });
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
    return { ...labelledImage, notes, location, microscope, study, plate, ...batch };
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
function remarks(folders: readonly PlateFolder[], plates: readonly ReadPlate[]): string[] {
  const read = new Set(plates.map(({ plate }) => plate.folder));
  const without = folders.filter((folder) => !read.has(folder));
  const day0 = plates.some(({ readings, plate: { notes, map } }) =>
    placeReadings(readings, notes, map).some(({ day }) => day === 0),
  );
  return [
    ...(without.length > 0
      ? [
          `no ATP for ${without.length} of ${folders.length} plates: ${without.map(({ study, plate }) => `${study}/${plate}`).join(', ')}`,
        ]
      : []),
    ...(day0 ? [] : ['no plate was imaged on day 0: spheroids that were malformed from the start could not be told']),
  ];
}
