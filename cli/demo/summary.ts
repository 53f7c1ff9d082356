/** `summary.json`: the demo's result in numbers, beside the truth. */
import type { Books } from '../books.ts';
import { meanAbsoluteError, type Pair, rSquared } from './accuracy.ts';
import type { StudyResults } from './results.ts';
import type { Truth } from './truth.ts';

export interface DemoSummary {
  images: number;
  readings: number;
  rejected: number;
  missing: number;
  absentWells: number;
  /** From the first upload to the last reading. */
  seconds: number;
  imagesPerSecond: number;
  /** Of readings against the true viability of the image, where there is one. */
  r2: number;
  mae: number;
  /** ROC AUC on the last day; null when a class is empty. */
  auc: number | null;
  aucExposureOnly: number | null;
  /** Of the supported curve, which verdicts rest on. */
  aucSupported: number | null;
  compounds: DemoCompound[];
  note: 'SIMULATED IMAGES';
}

export interface DemoCompound {
  compound: string;
  day: number;
  /** By the paper's fit, after censoring; so is `mos`. */
  ic50_uM: number | 'inf' | null;
  /** By the supported curve; null where it is not reached within the tested doses, or there is none. */
  supportedIc50_uM: number | null;
  /** 95 %, null = open. */
  supportedIc50Low_uM: number | null;
  supportedIc50High_uM: number | null;
  trueIc50_uM: number;
  /** Whether the truth lies between the lowest and the highest tested concentration. */
  truthInTestedRange: boolean;
  cmax_uM: number | null;
  mos: number | 'inf' | null;
  verdict: string;
  /** What the interval, with the published range of Cmax, does not exclude. */
  couldAlsoBe: string[];
}

export function summarise(results: StudyResults, truth: Truth, books: Books, seconds: number): DemoSummary {
  const pairs = accuracyPairs(results, truth);
  return {
    images: books.images,
    readings: books.readings,
    rejected: books.rejected,
    missing: books.missing,
    absentWells: results.plates.flatMap(({ reads }) => reads).reduce((sum, read) => sum + read.absentWells.length, 0),
    seconds: round(seconds, 2),
    imagesPerSecond: round(books.images / seconds, 1),
    r2: round(rSquared(pairs), 4),
    mae: round(meanAbsoluteError(pairs), 4),
    auc: results.ranking.auc?.mos ?? null,
    aucExposureOnly: results.ranking.auc?.exposureOnly ?? null,
    aucSupported: results.ranking.auc?.supported ?? null,
    compounds: results.ranking.compounds.map((row) => {
      const known = truth.compound(row.compound, row.day);
      if (!known) throw new Error(`the simulation has no truth for ${row.compound} on day ${row.day}`);
      const half = row.supported?.losses.find(({ level }) => level === 50);
      return {
        compound: row.compound,
        day: row.day,
        ic50_uM: row.icx_uM?.ic50_uM ?? null,
        supportedIc50_uM: half?.concentration_uM ?? null,
        supportedIc50Low_uM: half?.low_uM ?? null,
        supportedIc50High_uM: half?.high_uM ?? null,
        trueIc50_uM: known.trueIc50_uM,
        truthInTestedRange: known.trueIc50_uM >= known.lowestTested_uM && known.trueIc50_uM <= known.highestTested_uM,
        cmax_uM: row.cmax_uM ?? null,
        mos: row.mos,
        verdict: row.verdict.label,
        couldAlsoBe: row.verdict.couldAlsoBe ?? [],
      };
    }),
    note: 'SIMULATED IMAGES',
  };
}

/** Every reading with a viability whose image shows a spheroid. */
export function accuracyPairs({ plates }: StudyResults, truth: Truth): Pair[] {
  return plates.flatMap(({ plate, readings }) =>
    readings.flatMap(({ path, viability }) => {
      const known = truth.viability(plate, path);
      return known === undefined || viability === undefined ? [] : [{ truth: known, predicted: viability }];
    }),
  );
}

/** Drugs whose IC50 was found within a factor of two, by either method, among those whose truth was tested. */
export function withinTwofold(compounds: readonly DemoCompound[]) {
  const testable = compounds.filter((compound) => compound.truthInTestedRange);
  const isNear = (ic50_uM: number | 'inf' | null, truth: number): boolean =>
    typeof ic50_uM === 'number' && Math.abs(Math.log2(ic50_uM / truth)) <= 1;
  return {
    paper: testable.filter(({ ic50_uM, trueIc50_uM }) => isNear(ic50_uM, trueIc50_uM)).length,
    supported: testable.filter(({ supportedIc50_uM, trueIc50_uM }) => isNear(supportedIc50_uM, trueIc50_uM)).length,
    /** Those whose truth lies in the 95 % interval of the supported curve. */
    inInterval: testable.filter(({ supportedIc50Low_uM, supportedIc50High_uM, trueIc50_uM }) => {
      const [low, high] = [supportedIc50Low_uM ?? 0, supportedIc50High_uM ?? Number.POSITIVE_INFINITY];
      return low <= trueIc50_uM && trueIc50_uM <= high;
    }).length,
    of: testable.length,
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
