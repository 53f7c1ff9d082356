/**
 * What is taken out of a well's viability before it is divided by the vehicle: nothing (the published method), its own viability on day 0,
 * or row and column effects of its plate read.
 */

import { polishFactors } from '../plate-quality/polish.ts';
import { qualityWells } from '../plate-quality/wells.ts';
import type { Refusal } from '../reads/mixed-models.ts';
import type { WellValue } from '../reads/well-values.ts';
import type { Normalisation } from './normalise.ts';

export interface Adjusted {
  values: WellValue[];
  /** Wells that cannot be adjusted, with the reason. */
  leftOut: ({ value: WellValue } & Refusal)[];
}

/**
 * @param values wells of one plate read that count
 * @param divisorOf the well's value on day 0, or why it cannot be divided by it
 */
export function adjusted(
  values: readonly WellValue[],
  normalisation: Normalisation,
  divisorOf: (value: WellValue) => WellValue | Refusal,
): Adjusted {
  if (normalisation === 'day-0') return byDayZero(values, divisorOf);
  if (normalisation !== 'b-score') return { values: [...values], leftOut: [] };
  const factors = polishFactors(qualityWells(values));
  return {
    values: values.map((value) => divided(value, factors.get(value.entry.name) ?? 1)),
    leftOut: [],
  };
}

/** What the model may misread of a well is in the unit of its viability, and goes with it. */
const divided = ({ sharedHalfWidth90, ...value }: WellValue, by: number): WellValue => ({
  ...value,
  viability: value.viability / by,
  ...(sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90: sharedHalfWidth90 / by }),
  asRead: value.viability,
});

function byDayZero(values: readonly WellValue[], divisorOf: (value: WellValue) => WellValue | Refusal): Adjusted {
  const out: Adjusted = { values: [], leftOut: [] };
  for (const value of values) {
    const before = divisorOf(value);
    if ('reason' in before) out.leftOut.push({ value, ...before });
    else out.values.push({ ...divided(value, before.viability), divisors: before.readings });
  }
  return out;
}
