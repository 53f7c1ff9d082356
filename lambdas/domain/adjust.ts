/**
 * What is taken out of a well's viability before it is divided by the vehicle: nothing (the published method), its own viability on day 0,
 * or row and column effects of its plate read.
 */
import type { Normalisation } from './normalise.ts';
import { polishFactors } from './plate-quality/polish.ts';
import { qualityWells } from './plate-quality/wells.ts';
import type { WellValue } from './well-values.ts';

export interface Adjusted {
  values: WellValue[];
  /** Wells that cannot be adjusted, with the reason. */
  leftOut: { value: WellValue; reason: string }[];
}

/**
 * @param values wells of one plate read that count
 * @param dayZero viability of the same wells on day 0, by well
 */
export function adjusted(
  values: readonly WellValue[],
  normalisation: Normalisation,
  dayZero: ReadonlyMap<string, number>,
): Adjusted {
  if (normalisation === 'day-0') return byDayZero(values, dayZero);
  if (normalisation !== 'b-score') return { values: [...values], leftOut: [] };
  const factors = polishFactors(qualityWells(values));
  return {
    values: values.map((value) => ({ ...value, viability: value.viability / (factors.get(value.entry.name) ?? 1) })),
    leftOut: [],
  };
}

/** A well that was hardly alive on day 0 says nothing when it is divided by that. */
const ALIVE_ON_DAY_ZERO = 0.3;

function byDayZero(values: readonly WellValue[], dayZero: ReadonlyMap<string, number>): Adjusted {
  const out: Adjusted = { values: [], leftOut: [] };
  for (const value of values) {
    const before = dayZero.get(value.entry.name);
    if (before !== undefined && before >= ALIVE_ON_DAY_ZERO)
      out.values.push({ ...value, viability: value.viability / before });
    else
      out.leftOut.push({
        value,
        reason:
          before === undefined
            ? 'normalisation day-0: the well has no usable image of day 0'
            : `normalisation day-0: the well read ${before.toFixed(2)} on day 0, before any dose; at least ${ALIVE_ON_DAY_ZERO} is needed`,
      });
  }
  return out;
}
