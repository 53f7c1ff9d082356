/** `nvir inspect`: what the pipeline sees in a file. */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import sharp from 'sharp';
import { parseImagePath } from '../../lambdas/domain/naming/naming.ts';
import { compileNamingPattern } from '../../lambdas/domain/naming/naming-pattern.ts';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { flagDomain, type Quality } from '../../lambdas/domain/reads/quality.ts';
import { INPUT_SIDE, prepareImage, RejectedImage } from '../../lambdas/imaging/index.ts';
import { figure, note, print, printJson, table } from '../console.ts';
import { pathBelowPlate, placesBelow } from '../image-paths.ts';
import { loadShippedModel, type ModelReading, type ShippedModel } from '../model.ts';

/** One file, as `--json` prints it. A rejected one has nulls and its reason. */
interface Inspection extends Omit<ModelReading, 'viability'> {
  file: string;
  format: string | null;
  width: number | null;
  height: number | null;
  bitDepth: number | null;
  bitDepthSource: string | null;
  name: ReturnType<typeof parseImagePath>;
  takenAt: string | null;
  quality: Quality | { flags: string[] };
  viability: number | null;
  /** Where the 256 × 256 input was written. */
  png?: string;
  rejected?: string;
  remedy?: string;
}

interface InspectOptions {
  json?: true;
  png?: string;
  bitDepth?: number;
  naming?: string;
}

function bitDepth(text: string): number {
  const bits = Number(text);
  if (![8, 10, 12, 14, 16].includes(bits)) throw new InvalidArgumentError('give 8, 10, 12, 14 or 16.');
  return bits;
}

function naming(pattern: string): string {
  try {
    compileNamingPattern(pattern, '--naming');
  } catch (error) {
    if (error instanceof NotesError) throw new InvalidArgumentError(`${error.reason}. ${error.remedy}`);
    throw error;
  }
  return pattern;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'what the pipeline sees in image files: format, bit depth, name, quality, viability by the shipped model',
    )
    .argument('<file...>', 'images as the microscope wrote them')
    .option('--json', 'an array with one object a file')
    .option('--png <dir>', 'write the exact 256 × 256 input of each file there; equal names keep their folders')
    .option('--bit-depth <bits>', 'true bit depth where files do not say it, as in study.json', bitDepth)
    .option(
      '--naming <pattern>',
      'naming pattern, as in study.json: over the path from the current folder, so start in the plate’s',
      naming,
    )
    .addHelpText(
      'after',
      '\nThe shipped model was trained on simulated spheroids: its number says nothing about a real one.\nExit code 1 when a file was rejected, 2 when one cannot be opened.',
    )
    .action(async (files: string[], options: InspectOptions) => {
      const model = await loadShippedModel();
      const pngs = options.png === undefined ? undefined : placesBelow(options.png, files, '.png');
      const inspections: Inspection[] = [];
      for (const file of files) inspections.push(await inspect(file, options, model, pngs?.get(file)));
      if (options.json) printJson(inspections);
      else printTable(inspections, model);
      if (inspections.some(({ rejected }) => rejected !== undefined)) process.exitCode = 1;
      if (inspections.some(({ rejected }) => rejected?.startsWith(NOT_OPENED))) process.exitCode = 2;
    });
}

async function inspect(
  file: string,
  options: InspectOptions,
  model: ShippedModel,
  png: string | undefined,
): Promise<Inspection> {
  const name = parseImagePath(pathBelowPlate(file), options.naming);
  const bytes = await readFile(file).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  // One file that is not there does not cost the others' results.
  if (bytes instanceof Error)
    return nothing(file, name, `${NOT_OPENED} (${bytes.message})`, 'Check the path and the permissions.');
  try {
    const { input, image, quality } = await prepareImage(
      bytes,
      options.bitDepth === undefined ? {} : { declaredBitDepth: options.bitDepth },
    );
    if (png !== undefined) await writeInput(png, input);
    const { format, width, height, bitDepth: bits, bitDepthSource, takenAt } = image;
    const said = await model.read(input);
    return {
      file,
      format,
      width,
      height,
      bitDepth: bits,
      bitDepthSource,
      name,
      takenAt: takenAt ?? null,
      quality: flagDomain(quality, said.domainDistance ?? undefined),
      ...said,
      ...(png === undefined ? {} : { png }),
    };
  } catch (error) {
    if (!(error instanceof RejectedImage)) throw error;
    return nothing(file, name, error.reason, error.remedy);
  }
}

const NOT_OPENED = 'the file cannot be opened';

const nothing = (file: string, name: Inspection['name'], rejected: string, remedy: string): Inspection => ({
  file,
  format: null,
  width: null,
  height: null,
  bitDepth: null,
  bitDepthSource: null,
  name,
  takenAt: null,
  quality: { flags: [] },
  viability: null,
  halfWidth90: null,
  domainDistance: null,
  sharedHalfWidth90: null,
  rejected,
  remedy,
});

async function writeInput(png: string, input: Uint8Array): Promise<void> {
  await mkdir(dirname(png), { recursive: true });
  await sharp(input, { raw: { width: INPUT_SIDE, height: INPUT_SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(png);
}

function printTable(inspections: readonly Inspection[], model: ShippedModel): void {
  print(
    table(
      [
        { title: 'file', value: (row) => basename(row.file) },
        { title: 'well', value: (row) => row.name.well ?? '–' },
        { title: 'day', value: (row) => String(row.name.day ?? '–'), align: 'right' },
        { title: 'format', value: (row) => row.format ?? '–' },
        {
          title: 'pixels',
          value: (row) => (row.width === null ? '–' : `${row.width} × ${row.height}`),
          align: 'right',
        },
        { title: 'bits', value: (row) => (row.bitDepth === null ? '–' : `${row.bitDepth} (${row.bitDepthSource})`) },
        { title: 'focus', value: (row) => ('focus' in row.quality ? figure(row.quality.focus) : '–'), align: 'right' },
        {
          title: 'viability',
          value: (row) => (row.viability === null ? '–' : row.viability.toFixed(2)),
          align: 'right',
        },
        { title: '± 90 %', value: (row) => row.halfWidth90?.toFixed(2) ?? '–', align: 'right' },
        { title: 'shared', value: (row) => row.sharedHalfWidth90?.toFixed(2) ?? '–', align: 'right' },
        { title: 'distance', value: (row) => row.domainDistance?.toFixed(2) ?? '–', align: 'right' },
        {
          title: 'flags',
          value: (row) =>
            row.rejected === undefined
              ? row.quality.flags.join(', ')
              : `REJECTED: ${row.rejected}. ${row.remedy ?? ''}`,
        },
      ],
      inspections,
    ),
  );
  note(
    `Viability by ${model.identity.name} ${model.identity.version}, trained on ${model.identity.trainedOn}: not for decisions about real drugs.`,
  );
}
