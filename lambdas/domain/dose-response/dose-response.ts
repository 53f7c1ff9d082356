/**
 * The paper's dose-response curve: two-parameter log-logistic, `v(c) = 1 / (1 + (c / IC50)^h)`, least squares on the
 * medians of replicates (10.3389/fbioe.2026.1797474, section 3 of the method). Damped Newton steps from every valley of
 * a grid: the surface has flat arms where a single start gets stuck.
 */
import { BEYOND, type Fitted, refine } from './refine.ts';
import { levelStart, stepStart, valleys } from './starts.ts';

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

/** @returns null below {@link MIN_CONCENTRATIONS} distinct concentrations above 0. */
export function fitDoseResponse(points: readonly DosePoint[]): DoseResponseFit | null {
  const used = points.filter((point) => point.concentration_uM > 0);
  const doses = [...new Set(used.map((point) => point.concentration_uM))].sort((p, q) => p - q);
  if (doses.length < MIN_CONCENTRATIONS) return null;
  // From the middle of the doses, so that the unit of concentration does not matter to a single digit that counts.
  const centre = Math.log(doses[0] ?? 1) / 2 + Math.log(doses.at(-1) ?? 1) / 2;
  const x = Float64Array.from(used, (point) => Math.log(point.concentration_uM) - centre);
  const y = Float64Array.from(used, (point) => point.viability);
  const distinct = Float64Array.from(doses, (dose) => Math.log(dose) - centre);
  const [low, high] = [(distinct[0] ?? 0) - BEYOND, (distinct.at(-1) ?? 0) + BEYOND];
  const best = [levelStart(y, low, high), stepStart(x, y, distinct), ...valleys(x, y, distinct)]
    .map((start) => refine({ x, y, low, high }, start))
    .reduce((p, q) => (isBetter(q, p) ? q : p));
  return { ic50_uM: Math.exp(best.a + centre), hill: best.hill, sse: best.sse, ...agreement(x, y, best) };
}

/** Sums that differ by less than this are the same curve. */
const SAME_SSE = 1e-14;

/** Among equal fits the one with the least effect: a flat line at 1 has no IC50 near the tested doses. */
const isBetter = (p: Fitted, q: Fitted): boolean => (Math.abs(p.sse - q.sse) <= SAME_SSE ? p.a > q.a : p.sse < q.sse);

function agreement(x: Float64Array, y: Float64Array, { a, hill, sse }: Fitted) {
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  const total = y.reduce((sum, value) => sum + (value - meanY) ** 2, 0);
  const off = x.reduce((sum, xi, i) => sum + Math.abs((y[i] ?? 0) - 1 / (1 + Math.exp(hill * (xi - a)))), 0);
  return { r2: total === 0 ? 0 : 1 - sse / total, mae: off / x.length };
}
