/** 95 % intervals that know that wells of a plate err together. */
import jStat from 'jstat';
import { mean } from '../statistics.ts';
import type { BridgeWell } from './wells.ts';

export interface Estimate {
  value: number;
  low: number;
  high: number;
}

const CONFIDENCE = 0.95;

const tQuantile = (degreesOfFreedom: number): number => jStat.studentt.inv(0.5 + CONFIDENCE / 2, degreesOfFreedom);

/**
 * Delete-one-plate jackknife with Student's t on plates − 1 degrees of freedom: few plates are honestly wide, and no resampling
 * is drawn, so equal wells give equal intervals (of clustered data: MacKinnon, Nielsen and Webb 2023, 10.1016/j.jeconom.2022.04.001).
 *
 * @returns an open interval for fewer than two plates
 */
export function plateJackknife(
  plates: readonly (readonly BridgeWell[])[],
  statistic: (wells: readonly BridgeWell[]) => number,
): Estimate {
  const value = statistic(plates.flat());
  const count = plates.length;
  if (count < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const without = plates.map((_, left) => statistic(plates.filter((_, i) => i !== left).flat()));
  const squares = without.reduce((sum, each) => sum + (each - value) ** 2, 0);
  const half = tQuantile(count - 1) * Math.sqrt(((count - 1) / count) * squares);
  return { value, low: value - half, high: value + half };
}

/** Mean of one number a plate, with Student's t. */
export function meanOfPlates(values: readonly number[]): Estimate {
  const value = mean(values);
  const count = values.length;
  if (count < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (count - 1);
  const half = tQuantile(count - 1) * Math.sqrt(variance / count);
  return { value, low: value - half, high: value + half };
}
