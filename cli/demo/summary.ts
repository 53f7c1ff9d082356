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
  compounds: DemoCompound[];
  note: 'SIMULATED IMAGES';
}

export interface DemoCompound {
  compound: string;
  day: number;
  ic50_uM: number | 'inf' | null;
  trueIc50_uM: number;
  /** Whether the truth lies between the lowest and the highest tested concentration. */
  truthInTestedRange: boolean;
  cmax_uM: number | null;
  mos: number | 'inf' | null;
  verdict: string;
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
    compounds: results.ranking.compounds.map((row) => {
      const known = truth.compound(row.compound, row.day);
      if (!known) throw new Error(`the simulation has no truth for ${row.compound} on day ${row.day}`);
      return {
        compound: row.compound,
        day: row.day,
        ic50_uM: row.icx_uM?.ic50_uM ?? null,
        trueIc50_uM: known.trueIc50_uM,
        truthInTestedRange: known.trueIc50_uM >= known.lowestTested_uM && known.trueIc50_uM <= known.highestTested_uM,
        cmax_uM: row.cmax_uM ?? null,
        mos: row.mos,
        verdict: row.verdict.label,
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

/** Drugs whose IC50 was found within a factor of two, among those whose truth was tested. */
export function withinTwofold(compounds: readonly DemoCompound[]): { found: number; of: number } {
  const testable = compounds.filter((compound) => compound.truthInTestedRange);
  const found = testable.filter(
    ({ ic50_uM, trueIc50_uM }) => typeof ic50_uM === 'number' && Math.abs(Math.log2(ic50_uM / trueIc50_uM)) <= 1,
  );
  return { found: found.length, of: testable.length };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
