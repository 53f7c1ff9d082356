/**
 * The paper's dose-response curve: two-parameter log-logistic, `v(c) = 1 / (1 + (c / IC50)^h)`, least squares on the
 * medians of replicates (10.3389/fbioe.2026.1797474, section 3 of the method). Levenberg-Marquardt on ln IC50 and ln h,
 * from the best of a grid of starts: the surface has flat arms where a single start gets stuck.
 */

export interface DosePoint {
  concentration_uM: number;
  /** Fraction of the vehicle wells' viability. */
  viability: number;
}

export interface DoseResponseFit {
  /** Raw fit: may lie far outside the tested range. */
  ic50_uM: number;
  hill: number;
  /** Sum of squared residuals. */
  sse: number;
  r2: number;
  mae: number;
}

/** Lowest and highest concentration above 0; undefined without any. */
export function testedRange(points: readonly DosePoint[]): { lowest_uM: number; highest_uM: number } | undefined {
  const doses = points.map(({ concentration_uM }) => concentration_uM).filter((dose) => dose > 0);
  return doses.length === 0 ? undefined : { lowest_uM: Math.min(...doses), highest_uM: Math.max(...doses) };
}

/** Below three distinct concentrations two parameters are not a fit but an interpolation. */
export const MIN_CONCENTRATIONS = 3;

/** Limits of ln h and of ln IC50 beyond the tested range: where the curve no longer changes in double precision. */
const LN_HILL: readonly [number, number] = [Math.log(1e-4), Math.log(1e4)];
const LN_IC50_MARGIN = Math.log(1e100);
const START_HILLS = [0.03, 0.3, 0.8, 2, 6, 30];
const REFINED_STARTS = 4;
const MAX_ITERATIONS = 200;

/** @returns null below {@link MIN_CONCENTRATIONS} distinct concentrations above 0. */
export function fitDoseResponse(points: readonly DosePoint[]): DoseResponseFit | null {
  const used = points.filter((point) => point.concentration_uM > 0);
  const x = used.map((point) => Math.log(point.concentration_uM));
  const y = used.map((point) => point.viability);
  if (new Set(x).size < MIN_CONCENTRATIONS) return null;

  const problem: Problem = { x, y, low: Math.min(...x) - LN_IC50_MARGIN, high: Math.max(...x) + LN_IC50_MARGIN };
  const best = starts(x)
    .map((start) => ({ ...start, sse: sumOfSquares(problem, start.a, start.b) }))
    .sort(betterFirst)
    .slice(0, REFINED_STARTS)
    .map((start) => refine(problem, start))
    .reduce((a, b) => (betterFirst(b, a) < 0 ? b : a));

  const hill = Math.exp(best.b);
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  const total = y.reduce((sum, value) => sum + (value - meanY) ** 2, 0);
  const mae = x.reduce((sum, xi, i) => sum + Math.abs((y[i] ?? 0) - curve(xi, best.a, hill)), 0) / x.length;
  return {
    ic50_uM: Math.exp(best.a),
    hill,
    sse: best.sse,
    r2: total === 0 ? 0 : 1 - best.sse / total,
    mae,
  };
}

/** Sums that differ by less than this are the same curve. */
const SAME_SSE = 1e-14;

/** Among equal fits the one with the least effect: a flat line at 1 has no IC50 near the tested doses. */
const betterFirst = (p: Parameters, q: Parameters): number =>
  Math.abs(p.sse - q.sse) <= SAME_SSE ? q.a - p.a : p.sse - q.sse;

/** a = ln IC50, b = ln h. */
interface Parameters {
  a: number;
  b: number;
  sse: number;
}

interface Problem {
  x: readonly number[];
  y: readonly number[];
  low: number;
  high: number;
}

const curve = (x: number, a: number, hill: number): number => 1 / (1 + Math.exp(hill * (x - a)));

function sumOfSquares({ x, y }: Problem, a: number, b: number): number {
  const hill = Math.exp(b);
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += ((y[i] ?? 0) - curve(x[i] ?? 0, a, hill)) ** 2;
  return sum;
}

/** Between and beyond the doses, gentle and steep. */
function starts(x: readonly number[]): { a: number; b: number }[] {
  const sorted = [...new Set(x)].sort((p, q) => p - q);
  const first = sorted[0] ?? 0;
  const last = sorted.at(-1) ?? 0;
  const between = sorted.slice(1).map((value, i) => (value + (sorted[i] ?? value)) / 2);
  const middles = [first - 3, first, ...between, last, last + 1.5, last + 6, last + 60];
  return middles.flatMap((a) => START_HILLS.map((hill) => ({ a, b: Math.log(hill) })));
}

function refine(problem: Problem, start: Parameters): Parameters {
  const { x, y, low, high } = problem;
  let current = start;
  let damping = 1e-3;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    let [aa, ab, bb, ga, gb] = [0, 0, 0, 0, 0];
    const hill = Math.exp(current.b);
    for (let i = 0; i < x.length; i += 1) {
      const distance = (x[i] ?? 0) - current.a;
      const v = curve(x[i] ?? 0, current.a, hill);
      const slope = v * (1 - v) * hill;
      const residual = (y[i] ?? 0) - v;
      const da = slope;
      const db = -slope * distance;
      aa += da * da;
      ab += da * db;
      bb += db * db;
      ga += da * residual;
      gb += db * residual;
    }
    const determinant = (aa * (1 + damping) + 1e-300) * (bb * (1 + damping) + 1e-300) - ab * ab;
    const stepA = (ga * bb * (1 + damping) - gb * ab) / determinant;
    const stepB = (gb * aa * (1 + damping) - ga * ab) / determinant;
    const a = Math.min(high, Math.max(low, current.a + stepA));
    const b = Math.min(LN_HILL[1], Math.max(LN_HILL[0], current.b + stepB));
    const sse = sumOfSquares(problem, a, b);
    if (!(sse <= current.sse)) {
      damping *= 4;
      if (damping > 1e12) break;
      continue;
    }
    const gain = current.sse - sse;
    current = { a, b, sse };
    damping = Math.max(1e-12, damping / 5);
    if (gain <= 1e-15 * (sse + 1e-15) && Math.abs(stepA) + Math.abs(stepB) < 1e-10) break;
  }
  return current;
}
