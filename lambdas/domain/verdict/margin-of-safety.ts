/** Margins of safety: IC50 over plasma Cmax, both µM. Lower is riskier. */
import type { Concentration } from '../dose-response/icx.ts';
import { isKnown, lossAt, type SupportedCurve } from '../supported/curve.ts';

/** Of the paper's fit: its step 5. */
export const marginOfSafety = (ic50_uM: Concentration, cmax_uM: number): number | 'inf' =>
  ic50_uM === 'inf' ? 'inf' : ic50_uM / cmax_uM;

/** Stands for an infinite margin inside a ranking, and nowhere else (the paper's step 5). */
const INFINITE_IN_RANKING = 1e6;

export const rankable = (mos: number | 'inf'): number => (mos === 'inf' ? INFINITE_IN_RANKING : mos);

/** What is known of a drug's exposure. */
export interface Exposure {
  /** Total plasma Cmax. */
  cmax_uM?: number;
  /** Lowest and highest published value. */
  cmaxRange_uM?: readonly [number, number];
  cmaxSource?: string;
  /** Fraction not bound to plasma protein, 0 to 1. */
  fractionUnbound?: number;
}

interface Interval {
  /** IC50 / Cmax; where the IC50 lies outside the tested doses, the tested end / Cmax. */
  mos: number;
  /** 95 % interval of the IC50 / Cmax; null on a side that is open. */
  low: number | null;
  high: number | null;
  /** Lowest IC50 of the interval / highest published Cmax, to highest / lowest: an outer bound, for no one knows how Cmax is distributed. */
  lowWithCmax: number | null;
  highWithCmax: number | null;
}

export interface Margin extends Interval {
  /** `>`: the IC50 lies above the highest tested dose, and so the margin above `mos`; `<`: below the lowest. */
  relation: '=' | '>' | '<';
  /** On free Cmax: all divided by the fraction unbound, the medium being taken for free of protein. */
  free?: Interval & { fractionUnbound: number };
}

/** @returns null without a Cmax or a curve, and where the IC50 is neither reached nor a limit. */
export function marginOf(
  supported: SupportedCurve | null,
  tested: { lowest_uM: number; highest_uM: number } | undefined,
  { cmax_uM, cmaxRange_uM, fractionUnbound }: Exposure,
): Margin | null {
  const half = lossAt(supported, 50);
  if (!half || !isKnown(half) || cmax_uM === undefined || tested === undefined) return null;
  const relation = half.beyond === null ? '=' : half.beyond === 'above highest tested' ? '>' : '<';
  const limit = relation === '>' ? tested.highest_uM : tested.lowest_uM;
  const [lowestCmax, highestCmax] = cmaxRange_uM ?? [cmax_uM, cmax_uM];
  const over = (ic50_uM: number | null, cmax: number): number | null => (ic50_uM === null ? null : ic50_uM / cmax);
  const interval: Interval = {
    mos: (half.concentration_uM ?? limit) / cmax_uM,
    low: over(half.low_uM, cmax_uM),
    high: over(half.high_uM, cmax_uM),
    // A published range need not hold the study's own value.
    lowWithCmax: over(half.low_uM, Math.max(highestCmax, cmax_uM)),
    highWithCmax: over(half.high_uM, Math.min(lowestCmax, cmax_uM)),
  };
  const free = fractionUnbound === undefined ? {} : { free: onFree(interval, fractionUnbound) };
  return { relation, ...interval, ...free };
}

function onFree({ mos, ...ends }: Interval, fractionUnbound: number): Interval & { fractionUnbound: number } {
  const free = (value: number | null): number | null => (value === null ? null : value / fractionUnbound);
  const { low, high, lowWithCmax, highWithCmax } = ends;
  return {
    fractionUnbound,
    mos: mos / fractionUnbound,
    low: free(low),
    high: free(high),
    lowWithCmax: free(lowWithCmax),
    highWithCmax: free(highWithCmax),
  };
}

/** The margin of the supported curve as a ranking takes it: not reached within the tested doses is infinite, as in the paper. */
export const rankedMargin = (margin: Margin | null): number | 'inf' | null =>
  margin === null ? null : margin.relation === '>' ? 'inf' : margin.mos;
