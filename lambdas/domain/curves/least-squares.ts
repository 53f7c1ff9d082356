/** Bounded Levenberg-Marquardt for a handful of parameters, with forward differences. */

export interface Bounds {
  low: readonly number[];
  high: readonly number[];
}

export interface Optimum {
  parameters: number[];
  /** Sum of squared residuals. */
  rss: number;
}

const MAX_ITERATIONS = 60;
const STEP = 1e-6;
/** Relative gain of a step below which the optimum is reached: far finer than any difference that counts. */
const ENOUGH_GAIN = 1e-5;
/** Below this no parameter moves any more that anybody reads. */
const LEAST_MOVE = 1e-5;
const MAX_DAMPING = 1e6;

/** @param residuals fills `into` for given parameters */
export function minimise(
  residuals: (parameters: readonly number[], into: Float64Array) => void,
  count: number,
  start: readonly number[],
  bounds: Bounds,
): Optimum {
  const k = start.length;
  let parameters = start.map((value, j) => clamp(value, bounds, j));
  let current = new Float64Array(count);
  let trial = new Float64Array(count);
  const slopes = Array.from({ length: k }, () => new Float64Array(count));
  residuals(parameters, current);
  let rss = dot(current, current);
  let damping = 1e-2;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    for (const [j, slope] of slopes.entries()) fillSlope(residuals, parameters, bounds, j, current, slope);
    const improved = step();
    if (!improved) break;
  }
  return { parameters, rss };

  /** One accepted step; false at the optimum or when no damping helps. */
  function step(): boolean {
    const normal = slopes.map((a) => slopes.map((b) => dot(a, b)));
    const gradient = slopes.map((a) => dot(a, current));
    while (damping < MAX_DAMPING) {
      const move = solveDamped(normal, gradient, damping);
      const candidate = parameters.map((value, j) => clamp(value - (move[j] ?? 0), bounds, j));
      // Also when all that would move stands at its limit.
      if (candidate.every((value, j) => Math.abs(value - (parameters[j] ?? 0)) < LEAST_MOVE)) return false;
      residuals(candidate, trial);
      const candidateRss = dot(trial, trial);
      if (candidateRss < rss) {
        const gain = rss - candidateRss;
        [current, trial] = [trial, current];
        parameters = candidate;
        rss = candidateRss;
        damping = Math.max(1e-9, damping / 8);
        return gain > ENOUGH_GAIN * rss;
      }
      damping *= 6;
    }
    return false;
  }
}

const clamp = (value: number, { low, high }: Bounds, j: number): number =>
  Math.min(high[j] ?? value, Math.max(low[j] ?? value, value));

function fillSlope(
  residuals: (parameters: readonly number[], into: Float64Array) => void,
  at: readonly number[],
  bounds: Bounds,
  j: number,
  current: Float64Array,
  slope: Float64Array,
): void {
  const value = at[j] ?? 0;
  // Away from the upper limit, so that the derivative is taken inside.
  const delta = value + STEP <= (bounds.high[j] ?? Number.POSITIVE_INFINITY) ? STEP : -STEP;
  residuals(
    at.map((other, i) => (i === j ? value + delta : other)),
    slope,
  );
  for (let i = 0; i < slope.length; i += 1) slope[i] = ((slope[i] ?? 0) - (current[i] ?? 0)) / delta;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Solves (A + damping · diag A) x = b by Gaussian elimination; A is symmetric and positive semi-definite. */
function solveDamped(normal: readonly (readonly number[])[], gradient: readonly number[], damping: number): number[] {
  const k = gradient.length;
  const rows = normal.map((row, i) => [
    ...row.map((value, j) => (i === j ? value * (1 + damping) + 1e-12 : value)),
    gradient[i] ?? 0,
  ]);
  for (let pivot = 0; pivot < k; pivot += 1) {
    const top = rows[pivot] ?? [];
    for (const row of rows.slice(pivot + 1)) {
      const factor = (row[pivot] ?? 0) / (top[pivot] || 1e-300);
      for (let j = pivot; j <= k; j += 1) row[j] = (row[j] ?? 0) - factor * (top[j] ?? 0);
    }
  }
  const x = new Array<number>(k).fill(0);
  for (let i = k - 1; i >= 0; i -= 1) {
    const row = rows[i] ?? [];
    let sum = row[k] ?? 0;
    for (let j = i + 1; j < k; j += 1) sum -= (row[j] ?? 0) * (x[j] ?? 0);
    x[i] = sum / (row[i] || 1e-300);
  }
  return x;
}
