/** From the API's answers and the truth to what the report draws. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { median } from '../../lambdas/domain/statistics.ts';
import { isBeforeEffect } from '../../lambdas/domain/time/first-dose.ts';
import { parseWell, smallestFormatFor } from '../../lambdas/domain/well.ts';
import { INPUT_SIDE, prepareImage } from '../../lambdas/imaging/index.ts';
import type { ReportCompound, ReportCurve, ReportData, ReportImage, ReportPlate, ReportWell } from '../report/data.ts';
import { supportedIc50, wellCount } from '../score-words.ts';
import type { PlacedReading, PlateResult, StudyResults } from './results.ts';
import { accuracyPairs, type DemoSummary } from './summary.ts';
import type { Truth } from './truth.ts';

type Supported = NonNullable<StudyResults['ranking']['compounds'][number]['supported']>;

type Onset = NonNullable<StudyResults['compounds'][number]['course']>['onset'];

function onsetWords(onset: Onset | undefined, days: readonly number[]): string {
  if (!onset || onset.day === null) return onset?.note.startsWith('not known') ? 'onset not known' : 'no onset';
  const first = days.find((day) => !isBeforeEffect(day));
  return `onset ${onset.day === first ? '≤ ' : ''}day ${onset.day}`;
}

export async function reportData(
  results: StudyResults,
  truth: Truth,
  summary: DemoSummary,
  exportFolder: string,
): Promise<ReportData> {
  const { state, ranking } = results;
  const day = ranking.day ?? 0;
  const model = results.plates.flatMap(({ readings }) => readings).find((reading) => reading.model)?.model;
  return {
    study: state.name ?? state.study,
    microscope: state.microscope ?? 'unknown',
    rankingDay: day,
    days: ranking.days,
    plates: results.plates.map(reportPlate),
    compounds: results.ranking.compounds.flatMap((row): ReportCompound[] => {
      const answer = results.compounds.find((compound) => compound.compound === row.compound);
      const scores = answer?.days ?? [];
      const known = summary.compounds.find((compound) => compound.compound === row.compound);
      if (!known) return [];
      const { trueIc50_uM, cmax_uM, verdict, couldAlsoBe } = known;
      const curves = scores.map(({ day: ofDay, points, fit, supported }) => ({
        day: ofDay,
        points,
        fit,
        supported: supported && { curve: supported.curve, ic50: half(supported.losses) },
      }));
      const { compound, margin, dili } = row;
      const ic50 = supportedIc50(row);
      const onset = onsetWords(answer?.course?.onset, ranking.days);
      const delayed = answer?.course?.delayed?.finding ?? null;
      const ofWells = row.supported && marginOfWells(row.supported.losses, cmax_uM);
      const said = {
        n: wellCount(row),
        ic50,
        margin,
        marginOfWells: ofWells,
        trueIc50_uM,
        cmax_uM,
        verdict,
        couldAlsoBe,
      };
      return [{ compound, curves, onset, delayed, ...said, dili: dili.label }];
    }),
    accuracy: { r2: summary.r2, mae: summary.mae, pairs: accuracyPairs(results, truth) },
    auc: {
      supported: summary.aucSupported,
      exposureOnly: summary.aucExposureOnly,
      n: ranking.auc?.n ?? 0,
      ...(ranking.auc ? { note: ranking.auc.note } : {}),
    },
    books: summary,
    speed: summary,
    model: model ? `${model.name} ${model.version} ${model.variant}, ${model.sha256.slice(0, 12)}…` : 'unknown',
    examples: await examples(results, truth, exportFolder),
  };
}

function half(losses: Supported['losses']): NonNullable<ReportCurve['supported']>['ic50'] {
  const loss = losses.find(({ level }) => level === 50);
  return {
    uM: loss?.concentration_uM ?? null,
    low_uM: loss?.low_uM ?? null,
    high_uM: loss?.high_uM ?? null,
    wells: loss?.parts?.wells ?? null,
  };
}

function marginOfWells(losses: Supported['losses'], cmax_uM: number | null): ReportCompound['marginOfWells'] {
  const { wells } = half(losses);
  if (!wells || cmax_uM === null) return null;
  const over = (end_uM: number | null): number | null => (end_uM === null ? null : end_uM / cmax_uM);
  return { low: over(wells.low_uM), high: over(wells.high_uM) };
}

function reportPlate({ plate, map, reads, readings }: PlateResult): ReportPlate {
  const wells = map.flatMap((entry) => parseWell(entry.well) ?? []);
  const { rows, columns } = smallestFormatFor(wells);
  return {
    plate,
    rows,
    columns,
    days: reads.map(({ day }) => ({
      day,
      wells: reportWells(
        map,
        readings.filter((reading) => reading.day === day),
      ),
    })),
  };
}

function reportWells(map: PlateResult['map'], readings: readonly PlacedReading[]): ReportWell[] {
  const raw = new Map(map.map(({ well }) => [well, rawViability(readings.filter((reading) => reading.well === well))]));
  const vehicles = map.flatMap(({ well, role }) => (role === 'vehicle' ? (raw.get(well) ?? []) : []));
  const level = vehicles.length > 0 ? median(vehicles) : 1;
  return map.flatMap(({ well, role, compound, concentration_uM }): ReportWell[] => {
    const address = parseWell(well);
    const viability = raw.get(well);
    if (!address) return [];
    const state =
      viability !== undefined ? 'read' : readings.some((reading) => reading.well === well) ? 'rejected' : 'absent';
    const content =
      role === 'treated' && compound !== undefined && concentration_uM !== undefined
        ? { compound, concentration_uM }
        : {};
    return [
      {
        ...address,
        name: well,
        role: role ?? 'blank',
        ...content,
        viability: viability === undefined ? null : viability / level,
        state,
      },
    ];
  });
}

function rawViability(readings: readonly PlacedReading[]): number | undefined {
  const values = readings.flatMap(({ placement, viability }) => (placement === 'used' ? (viability ?? []) : []));
  return values.length > 0 ? median(values) : undefined;
}

const EXAMPLES = 6;

/** Pictures from the most dead to the most alive, as the model got them. */
async function examples({ plates }: StudyResults, truth: Truth, exportFolder: string): Promise<ReportImage[]> {
  const candidates = plates
    .flatMap(({ plate, readings }) =>
      readings.map((reading) => ({ plate, reading, truth: truth.viability(plate, reading.path) })),
    )
    .flatMap(({ plate, reading, truth: known }) =>
      known === undefined || reading.viability === undefined
        ? []
        : [{ plate, reading, known, predicted: reading.viability }],
    )
    .sort((a, b) => a.known - b.known);
  const chosen = Array.from(
    { length: EXAMPLES },
    (_, i) => candidates[Math.round((i * (candidates.length - 1)) / (EXAMPLES - 1))],
  ).flatMap((item) => item ?? []);
  return Promise.all(
    chosen.map(async ({ plate, reading, known, predicted }) => {
      const { input } = await prepareImage(await readFile(join(exportFolder, plate, reading.path)), {});
      const png = await sharp(input, { raw: { width: INPUT_SIDE, height: INPUT_SIDE, channels: 1 } })
        .png()
        .toBuffer();
      return {
        dataUri: `data:image/png;base64,${png.toString('base64')}`,
        well: `${plate} ${reading.well ?? ''}`,
        day: reading.day ?? 0,
        truth: known,
        predicted,
      };
    }),
  );
}
