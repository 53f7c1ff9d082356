/** Where the least-squares fit of `1 / (1 + (c / IC50)^h)` starts: in every valley of a grid, and at two limits that have none. */
import { BEYOND, clamp, HILL, type Start } from './refine.ts';

const START_HILLS = [0.03, 0.1, 0.3, 0.8, 1.6, 3.2, 6, 12, 30];
/** ln distances beyond the tested doses where an IC50 is looked for too. */
const OUTER = [1.5, 3, 8, 25, 60];
const MOST_VALLEYS = 6;

/** The best level that no dose changes, as the far end of a curve without steepness. */
export function levelStart(y: Float64Array, low: number, high: number): Start {
  const level = clamp(y.reduce((sum, value) => sum + value, 0) / y.length, 1e-6, 1 - 1e-6);
  const logit = Math.log(level / (1 - level));
  return { a: logit > 0 ? high : low, hill: Math.abs(logit) / BEYOND + HILL[0] };
}

/** The best step through a dose: wholly alive below it, wholly dead above it, between the two at it. */
export function stepStart(x: Float64Array, y: Float64Array, distinct: Float64Array): Start {
  let best = Number.POSITIVE_INFINITY;
  let start = { a: 0, hill: 1 };
  for (const [at, dose] of distinct.entries()) {
    let [below, above, sum, n] = [0, 0, 0, 0];
    for (let i = 0; i < x.length; i += 1) {
      const [xi, yi] = [x[i] ?? 0, y[i] ?? 0];
      if (xi < dose) below += (1 - yi) ** 2;
      else if (xi > dose) above += yi ** 2;
      else [sum, n] = [sum + yi, n + 1];
    }
    const level = clamp(sum / n, 0, 1);
    const sse = below + above + n * (sum / n - level) ** 2;
    if (sse >= best) continue;
    best = sse;
    const before = dose - (distinct[at - 1] ?? Number.NEGATIVE_INFINITY);
    const after = (distinct[at + 1] ?? Number.POSITIVE_INFINITY) - dose;
    const inside = clamp(level, 0.01, 0.99);
    const hill = STEP_EXPONENT / Math.min(before, after);
    start = { a: dose + Math.log(inside / (1 - inside)) / hill, hill };
  }
  return start;
}

/** Exponent from one dose to the next that makes a step. */
const STEP_EXPONENT = 12;

/** Beyond this e^u times e^−u' is no longer finite; only where to start rests on it, and only above ten decades. */
const boundedExp = (u: number): number => Math.exp(Math.min(350, Math.max(-350, u)));

/**
 * Points of a grid (between and beyond the doses, gentle and steep) that no neighbour undercuts, the lowest first. Its
 * exponentials are products: e^(h(x − a)) = e^(hx) · e^(−ha).
 */
export function valleys(x: Float64Array, y: Float64Array, distinct: Float64Array): Start[] {
  const first = distinct[0] ?? 0;
  const last = distinct.at(-1) ?? 0;
  const between = Array.from(distinct.subarray(1), (value, i) => (value + (distinct[i] ?? value)) / 2);
  const middles = [...distinct, ...between, ...OUTER.flatMap((far) => [first - far, last + far])].sort((p, q) => p - q);
  const rows = START_HILLS.length;
  const sse = new Float64Array(middles.length * rows);
  const rising = new Float64Array(x.length);
  for (const [row, hill] of START_HILLS.entries()) {
    for (let i = 0; i < x.length; i += 1) rising[i] = boundedExp(hill * (x[i] ?? 0));
    for (const [column, a] of middles.entries()) {
      const falling = boundedExp(-hill * a);
      let sum = 0;
      for (let i = 0; i < x.length; i += 1) {
        const residual = (y[i] ?? 0) - 1 / (1 + (rising[i] ?? 0) * falling);
        sum += residual * residual;
      }
      sse[column * rows + row] = sum;
    }
  }
  const found: number[] = [];
  for (let at = 0; at < sse.length; at += 1) if (isValley(sse, at, rows) || isBestOfRow(sse, at, rows)) found.push(at);
  found.sort((p, q) => (sse[p] ?? 0) - (sse[q] ?? 0));
  return found
    .slice(0, MOST_VALLEYS)
    .map((at) => ({ a: middles[Math.floor(at / rows)] ?? 0, hill: START_HILLS[at % rows] ?? 1 }));
}

/** Of equal neighbours the later one, which has the larger IC50, is the valley. */
function isValley(sse: Float64Array, at: number, rows: number): boolean {
  const row = at % rows;
  for (let column = -rows; column <= rows; column += rows) {
    for (let step = row === 0 ? 0 : -1; step <= (row === rows - 1 ? 0 : 1); step += 1) {
      const other = column + step;
      const difference = (sse[at + other] ?? Number.POSITIVE_INFINITY) - (sse[at] ?? 0);
      if (difference < 0 || (difference === 0 && other > 0)) return false;
    }
  }
  return true;
}

function isBestOfRow(sse: Float64Array, at: number, rows: number): boolean {
  for (let other = at % rows; other < sse.length; other += rows) if ((sse[other] ?? 0) < (sse[at] ?? 0)) return false;
  return true;
}
