/** Bounded Levenberg-Marquardt for a handful of parameters. Works in arrays of its own: nothing is allocated on the way. */

export interface Bounds {
  low: readonly number[];
  high: readonly number[];
}

export interface Optimum {
  parameters: number[];
  /** Sum of squared residuals. */
  rss: number;
}

/** Fills residuals and their slopes, one array a parameter. */
export type Evaluate = (parameters: Float64Array, residuals: Float64Array, slopes: readonly Float64Array[]) => void;

const MAX_ITERATIONS = 80;
/** A step that promises less than this share of the sum of squares is not taken: far finer than any difference that counts. */
const ENOUGH_GAIN = 1e-7;
const MAX_DAMPING = 1e8;

/**
 * @param base sum of squares that no parameter changes: what is enough is measured on the whole
 * @returns the descent from a start, to be used for as many starts as there are
 */
export function minimiser(
  evaluate: Evaluate,
  count: number,
  { low, high }: Bounds,
  base: number,
): (start: readonly number[]) => Optimum {
  const k = low.length;
  const here = new Float64Array(k);
  const there = new Float64Array(k);
  const held = new Uint8Array(k);
  const gradient = new Float64Array(k);
  const normal = new Float64Array(k * k);
  const system = new Float64Array(k * (k + 1));
  const move = new Float64Array(k);
  const slopesOf = (): Float64Array[] => Array.from({ length: k }, () => new Float64Array(count));
  let [current, trial] = [new Float64Array(count), new Float64Array(count)];
  let [slopes, trialSlopes] = [slopesOf(), slopesOf()];
  const clamp = (value: number, j: number): number => Math.min(high[j] ?? value, Math.max(low[j] ?? value, value));

  return (start) => {
    for (let j = 0; j < k; j += 1) here[j] = clamp(start[j] ?? 0, j);
    evaluate(here, current, slopes);
    let rss = dot(current, current);
    let damping = 1e-4;
    fillNormal();
    for (let iteration = 0; iteration < MAX_ITERATIONS && damping < MAX_DAMPING; iteration += 1) {
      solveDamped(normal, gradient, damping, system, move);
      let promised = 0;
      for (let j = 0; j < k; j += 1) {
        there[j] = clamp((here[j] ?? 0) - (move[j] ?? 0), j);
        promised += (gradient[j] ?? 0) * ((here[j] ?? 0) - (there[j] ?? 0));
      }
      if (Math.abs(promised) <= ENOUGH_GAIN * (rss + base)) break;
      evaluate(there, trial, trialSlopes);
      const trialRss = dot(trial, trial);
      if (trialRss < rss) {
        [current, trial] = [trial, current];
        [slopes, trialSlopes] = [trialSlopes, slopes];
        here.set(there);
        rss = trialRss;
        damping = Math.max(1e-9, damping / 8);
        fillNormal();
      } else damping = Math.max(1e-3, damping * 6);
    }
    return { parameters: Array.from(here), rss };
  };

  /** A parameter that stands at its limit and would go beyond is held there. */
  function fillNormal(): void {
    for (let i = 0; i < k; i += 1) {
      const down = dot(slopes[i] ?? current, current);
      const value = here[i] ?? 0;
      held[i] = (down > 0 && value <= (low[i] ?? value)) || (down < 0 && value >= (high[i] ?? value)) ? 1 : 0;
      gradient[i] = held[i] ? 0 : down;
    }
    for (let i = 0; i < k; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const free = !held[i] && !held[j];
        const product = free ? dot(slopes[i] ?? current, slopes[j] ?? current) : i === j ? 1 : 0;
        normal[i * k + j] = product;
        normal[j * k + i] = product;
      }
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Solves (A + damping · diag A) x = b by Gaussian elimination in `rows`; A is symmetric and positive semi-definite. */
function solveDamped(
  normal: Float64Array,
  gradient: Float64Array,
  damping: number,
  rows: Float64Array,
  x: Float64Array,
): void {
  const k = gradient.length;
  const width = k + 1;
  for (let i = 0; i < k; i += 1) {
    for (let j = 0; j < k; j += 1) rows[i * width + j] = normal[i * k + j] ?? 0;
    rows[i * width + i] = (normal[i * k + i] ?? 0) * (1 + damping) + 1e-12;
    rows[i * width + k] = gradient[i] ?? 0;
  }
  for (let pivot = 0; pivot < k; pivot += 1) {
    for (let i = pivot + 1; i < k; i += 1) {
      const factor = (rows[i * width + pivot] ?? 0) / (rows[pivot * width + pivot] || 1e-300);
      for (let j = pivot; j <= k; j += 1)
        rows[i * width + j] = (rows[i * width + j] ?? 0) - factor * (rows[pivot * width + j] ?? 0);
    }
  }
  for (let i = k - 1; i >= 0; i -= 1) {
    let sum = rows[i * width + k] ?? 0;
    for (let j = i + 1; j < k; j += 1) sum -= (rows[i * width + j] ?? 0) * (x[j] ?? 0);
    x[i] = sum / (rows[i * width + i] || 1e-300);
  }
}
