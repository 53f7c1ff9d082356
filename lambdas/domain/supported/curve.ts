/** The curve that a compound's wells support, as it is stored and served: finite numbers, open ends as null, limits in words. */
import { analyseCurve, type CurveAnalysis } from '../curves/analyse.ts';
import type { CurveWell } from '../curves/data.ts';
import type { LossEstimate } from '../curves/intervals.ts';
import type { ModelName } from '../curves/models.ts';
import { groupBy, median, significant } from '../statistics.ts';
import { VERDICT_THRESHOLDS } from '../verdict/thresholds.ts';

/** Reached (a concentration), a limit (`beyond`), or, with both null, not known. */
export interface SupportedLoss extends LossEstimate {
  /** Where it is not reached: `> 412 µM (highest tested)`, `< 0.1 µM (lowest tested)`, `not known`. */
  censored?: string | undefined;
}

export interface SupportedCurve {
  model: ModelName;
  curve: {
    upper: number;
    lower: number;
    /** Half-way between the plateaus; null for a constant. */
    middle_uM: number | null;
    hill: number;
  };
  /** Of every model for which there are wells enough; the lowest was chosen if its loss is larger than the noise. */
  aicc: Partial<Record<ModelName, number>>;
  /** Standard deviation of a single vehicle well, relative to the vehicle level. */
  noise: number;
  losses: SupportedLoss[];
  /** Treated and vehicle wells together; a level that a plate borrows counts as one. */
  wells: number;
  vehicleWells: number;
}

/**
 * @param everyDoseAtLeast dose median below which a dose is not taken for alive
 * @returns null when there are too few wells for even a constant and its noise
 */
export function supportedCurve(
  wells: readonly CurveWell[],
  everyDoseAtLeast = VERDICT_THRESHOLDS.everyDoseAtLeast,
): SupportedCurve | null {
  const analysis = analysed([...wells].sort(byScaleAndDose));
  if (!analysis) return null;
  const { model, curve, aicc, noise, wells: count, vehicleWells } = analysis;
  const medians = doseMedians(wells);
  const losses = analysis.losses.map((loss) => (isLimit(loss, model) ? loss : { ...loss, beyond: null }));
  return {
    model,
    curve: {
      upper: curve.upper,
      lower: curve.lower,
      middle_uM: model === 'constant' ? null : Math.exp(curve.middle),
      hill: curve.hill,
    },
    aicc: Object.fromEntries(Object.entries(aicc).filter(([, value]) => Number.isFinite(value))),
    noise,
    losses: losses.map((loss) => ({ ...loss, ...censored(loss, analysis) })),
    wells: count,
    vehicleWells,
  };

  /** A constant is also what is left when no curve is supported: it limits nothing that a dose speaks against. */
  function isLimit({ beyond, level }: LossEstimate, of: ModelName): boolean {
    if (of !== 'constant') return true;
    return beyond === 'above highest tested'
      ? medians.every((value) => value >= everyDoseAtLeast)
      : medians.every((value) => value < 1 - level / 100);
  }
}

const doseMedians = (wells: readonly CurveWell[]): number[] =>
  [
    ...groupBy(
      wells.filter(({ concentration_uM }) => concentration_uM > 0),
      ({ concentration_uM }) => concentration_uM,
    ).values(),
  ].map((replicates) => median(replicates.map(({ viability }) => viability)));

/** A loss that is seen at a tested dose, or at all of them. */
export const isReached = ({ concentration_uM, beyond }: LossEstimate): boolean =>
  concentration_uM !== null || beyond === 'below lowest tested';

export const isKnown = ({ concentration_uM, beyond }: LossEstimate): boolean =>
  concentration_uM !== null || beyond !== null;

/** Whether there were wells enough to tell any curve from a constant. */
export const isFitted = ({ aicc }: Pick<SupportedCurve, 'aicc'>): boolean =>
  Object.keys(aicc).some((model) => model !== 'constant');

export const lossAt = (curve: SupportedCurve | null, level: LossEstimate['level']): SupportedLoss | undefined =>
  curve?.losses.find((loss) => loss.level === level);

/** Viability on the curve at a concentration above 0. */
export function supportedViability({ curve }: Pick<SupportedCurve, 'curve'>, concentration_uM: number): number {
  const { upper, lower, middle_uM, hill } = curve;
  return middle_uM === null ? upper : lower + (upper - lower) / (1 + (concentration_uM / middle_uM) ** hill);
}

function censored(
  { concentration_uM, beyond }: LossEstimate,
  { lowestTested_uM, highestTested_uM }: CurveAnalysis,
): Pick<SupportedLoss, 'censored'> {
  if (concentration_uM !== null) return {};
  if (beyond === null) return { censored: 'not known' };
  return {
    censored:
      beyond === 'above highest tested'
        ? `> ${significant(highestTested_uM)} µM (highest tested)`
        : `< ${significant(lowestTested_uM)} µM (lowest tested)`,
  };
}

/** Sums in one order give one last digit, however wells are named. */
const byScaleAndDose = (a: CurveWell, b: CurveWell): number =>
  (a.scale < b.scale ? -1 : a.scale > b.scale ? 1 : 0) ||
  a.concentration_uM - b.concentration_uM ||
  a.viability - b.viability ||
  (a.sharedHalfWidth90 ?? 0) - (b.sharedHalfWidth90 ?? 0);

/**
 * A study is scored whenever readings come, and most of its curves have not changed: a process remembers what it has just
 * analysed. Equal wells give equal answers, so nothing shows but the time.
 */
const REMEMBERED = 10_000;
const known = new Map<string, CurveAnalysis | null>();

function analysed(wells: readonly CurveWell[]): CurveAnalysis | null {
  const name = JSON.stringify(
    wells.map(({ scale, concentration_uM, viability, ...known }) => [scale, concentration_uM, viability, known]),
  );
  const before = known.get(name);
  if (before !== undefined) return before;
  const analysis = analyseCurve(wells);
  known.set(name, analysis);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  return analysis;
}
