/** What the verdicts of both methods share: labels by the margin of safety, and how a loss is put into words. */
import type { DosePoint } from '../dose-response/dose-response.ts';
import { significant } from '../statistics.ts';
import type { VerdictThresholds } from './thresholds.ts';

/** Quotients that differ by less are the same: 0.175 / 0.007 is 24.999999999999996. */
const SAME = 1e-9;
export const below = (value: number, limit: number): boolean => value < limit * (1 - SAME);
export const above = (value: number, limit: number): boolean => value > limit * (1 + SAME);

export type SignalLabel = 'strong signal' | 'signal' | 'weak signal';

export const labelOf = (mos: number, { strongBelow, signalUpTo }: VerdictThresholds): SignalLabel =>
  below(mos, strongBelow) ? 'strong signal' : above(mos, signalUpTo) ? 'weak signal' : 'signal';

/** Labels of all margins from `low` to `high`, riskiest first. */
export function labelsBetween(
  low: number,
  high: number,
  { strongBelow, signalUpTo }: VerdictThresholds,
): SignalLabel[] {
  return [
    ...(below(low, strongBelow) ? (['strong signal'] as const) : []),
    ...(!above(low, signalUpTo) && !below(high, strongBelow) ? (['signal'] as const) : []),
    ...(above(high, signalUpTo) ? (['weak signal'] as const) : []),
  ];
}

/** How many times Cmax was tested, for a sentence; never more than it was. */
export function multipleOf(highest_uM: number, cmax_uM: number): { multiple: number; k: string } {
  const multiple = (highest_uM / cmax_uM) * (1 + SAME);
  return { multiple, k: multiple >= 10 ? Math.floor(multiple).toString() : multiple.toPrecision(2) };
}

/** The dose whose wells read lowest. */
export const lowestMedian = (points: readonly DosePoint[]): DosePoint =>
  points
    .filter(({ concentration_uM }) => concentration_uM > 0)
    .reduce((lowest, point) => (point.viability < lowest.viability ? point : lowest));

export const fall = ({ concentration_uM, viability }: DosePoint): string =>
  `viability falls to ${Math.round(100 * viability)} % at ${significant(concentration_uM)} µM`;

export const tooLow = (k: string, { testedAtLeast }: VerdictThresholds): string =>
  `no loss seen, but tested only up to ${k} × Cmax; at least ${testedAtLeast} × is needed to say so`;
