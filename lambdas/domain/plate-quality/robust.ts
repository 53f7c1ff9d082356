/** Statistics that a few odd wells cannot move. */
import { mean, median } from '../statistics.ts';

/** The normal distribution's standard deviation over its median absolute deviation. */
const MAD_TO_SD = 1.4826;

/** @throws RangeError on no values. */
export function robustSd(values: readonly number[]): number {
  const middle = median(values);
  return MAD_TO_SD * median(values.map((value) => Math.abs(value - middle)));
}

/** With n − 1; 0 for fewer than two. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** Spearman's rank correlation, ties at their mean rank; 0 where one side does not vary. */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (x.length + 1) / 2;
  const product = (p: readonly number[], q: readonly number[]): number =>
    p.reduce((sum, value, i) => sum + (value - middle) * ((q[i] ?? middle) - middle), 0);
  const scale = Math.sqrt(product(a, a) * product(b, b));
  return scale === 0 ? 0 : product(a, b) / scale;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const out = new Array<number>(values.length).fill(0);
  for (let i = 0; i < order.length; ) {
    let end = i;
    while (end + 1 < order.length && order[end + 1]?.value === order[i]?.value) end += 1;
    for (const { index } of order.slice(i, end + 1)) out[index] = (i + end) / 2 + 1;
    i = end + 1;
  }
  return out;
}
