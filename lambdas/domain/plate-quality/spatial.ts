/** Whether the place of a well on the plate decides what it reads: edge, drift along rows and columns, patterns of any shape. */

import { isDosed } from '../notes/platemap.ts';
import { groupBy, mean, median } from '../statistics.ts';
import { smallestFormatFor } from '../well.ts';
import { MIN_DOSES, type WellResidual } from './residuals.ts';
import { rankCorrelation, robustSd } from './robust.ts';

export interface Effect {
  /** As a fraction of the level: −0.1 reads 10 % less. */
  effect: number;
  /** Against chance, in standard errors. */
  z: number;
}

export interface SpatialQuality {
  /** Outer ring of the plate less its inner wells; null without wells on both. */
  edge: Effect | null;
  /** From the first to the last used row, and column; null below three of them. */
  rowDrift: Effect | null;
  columnDrift: Effect | null;
  /** Normalised residual fit error, in per cent; null without compounds of five doses. */
  nrfe: number | null;
  /** Moran's I of the residuals between neighbouring wells of different content, in standard errors from chance. */
  neighbours_z: number | null;
  /** Why a measure is null. */
  missing: string[];
}

/** Below this a well is too dead to show what its place does. */
const ALIVE = 0.5;
const FEWEST_WELLS = 4;

/** @param used all wells of the plate map, which say its format. */
export function spatialQuality(
  residuals: readonly WellResidual[],
  used: readonly { row: number; column: number }[],
): SpatialQuality {
  const alive = residuals.filter(({ expected }) => expected >= ALIVE);
  const edge = edgeEffect(alive, used);
  const rowDrift = drift(alive, ({ row }) => row);
  const columnDrift = drift(alive, ({ column }) => column);
  const nrfe = nrfeOf(residuals);
  const neighbours_z = neighbourAgreement(residuals);
  return {
    edge,
    rowDrift,
    columnDrift,
    nrfe,
    neighbours_z,
    missing: [
      ...(edge ? [] : [`edge: fewer than ${FEWEST_WELLS} wells that should be alive in the outer ring, or inside it`]),
      ...(rowDrift && columnDrift ? [] : ['drift: fewer than three rows or columns with wells that should be alive']),
      ...(nrfe === null ? [`nrfe: no compound has ${MIN_DOSES} doses on this plate`] : []),
      ...(neighbours_z === null ? ['neighbours: too few neighbouring wells of different content'] : []),
    ],
  };
}

const ratio = ({ value, expected }: WellResidual): number => value / expected - 1;

function edgeEffect(alive: readonly WellResidual[], used: readonly { row: number; column: number }[]): Effect | null {
  const { rows, columns } = smallestFormatFor(used);
  const isOuter = ({ row, column }: WellResidual): boolean =>
    row === 0 || column === 0 || row === rows - 1 || column === columns - 1;
  const outer = alive.filter(isOuter).map(ratio);
  const inner = alive.filter((well) => !isOuter(well)).map(ratio);
  if (outer.length < FEWEST_WELLS || inner.length < FEWEST_WELLS) return null;
  const effect = median(outer) - median(inner);
  // Standard error of a median: 1.2533 σ/√n.
  const error =
    1.2533 * Math.hypot(robustSd(outer) / Math.sqrt(outer.length), robustSd(inner) / Math.sqrt(inner.length));
  return { effect, z: standardised(effect, error) };
}

/** Median slope between the medians of rows (Theil and Sen), over their whole span. */
function drift(alive: readonly WellResidual[], lineOf: (well: WellResidual) => number): Effect | null {
  const lines = [...groupBy(alive, lineOf)].map(([line, wells]) => ({ line, level: median(wells.map(ratio)) }));
  if (lines.length < 3) return null;
  const slopes = lines.flatMap((a, i) => lines.slice(i + 1).map((b) => (b.level - a.level) / (b.line - a.line)));
  const span = Math.max(...lines.map(({ line }) => line)) - Math.min(...lines.map(({ line }) => line));
  const rho = rankCorrelation(alive.map(lineOf), alive.map(ratio));
  return { effect: median(slopes) * span, z: rho * Math.sqrt(alive.length - 1) };
}

/**
 * Ianevski 2025 (10.1016/j.isci.2025.113470): mean over the wells of compounds with at least five doses of the absolute residual, in
 * per cent, times 1 + p(1 − p)/0.25 with the fitted inhibition p, so that a misfit in the steep part weighs twice. Viability is
 * clamped to 0 to 1 as there. Two departures: the curve is the two-parameter one of this pipeline, not four-parameter, and
 * the level is that of the lowest doses, not of controls.
 */
function nrfeOf(residuals: readonly WellResidual[]): number | null {
  const treated = residuals.filter(({ role }) => isDosed(role));
  if (treated.length === 0) return null;
  return mean(
    treated.map(({ value, expected }) => {
      const residual = Math.abs(Math.min(1, Math.max(0, value)) - expected);
      return 100 * residual * (1 + (expected * (1 - expected)) / 0.25);
    }),
  );
}

const FEWEST_PAIRS = 20;
/** Residuals are cut off here, in robust standard deviations: one dead well is an outlier, no pattern. */
const CUT = 2.5;

/**
 * Moran's I between neighbouring wells that hold different compounds: the misfit of one curve is no pattern of the plate. Within
 * columns, within rows, and all around; the strongest counts, since a stripe agrees along itself and disagrees across.
 */
function neighbourAgreement(residuals: readonly WellResidual[]): number | null {
  const scaled = standardisedResiduals(residuals);
  const found = NEIGHBOURHOODS.flatMap((directions) => moran(residuals, scaled, directions) ?? []);
  return found.length === 0 ? null : found.reduce((most, z) => (Math.abs(z) > Math.abs(most) ? z : most));
}

/** Steps to the later neighbour of a pair. */
const VERTICAL = [[1, 0]] as const;
const HORIZONTAL = [[0, 1]] as const;
const NEIGHBOURHOODS = [VERTICAL, HORIZONTAL, [...VERTICAL, ...HORIZONTAL, [1, -1], [1, 1]]] as const;

/** Standardised by the variance that normal residuals have without any pattern (Cliff and Ord 1981). */
function moran(
  residuals: readonly WellResidual[],
  scaled: readonly number[],
  directions: readonly (readonly [number, number])[],
): number | null {
  const at = new Map(residuals.map((well, index) => [place(well.row, well.column), index]));
  let product = 0;
  let pairs = 0;
  const degrees = new Float64Array(residuals.length);
  for (const [i, well] of residuals.entries()) {
    for (const [dr, dc] of directions) {
      const j = at.get(place(well.row + dr, well.column + dc));
      const other = j === undefined ? undefined : residuals[j];
      if (j === undefined || !other || (other.key === well.key && other.role === well.role)) continue;
      product += (scaled[i] ?? 0) * (scaled[j] ?? 0);
      pairs += 1;
      degrees[i] = (degrees[i] ?? 0) + 1;
      degrees[j] = (degrees[j] ?? 0) + 1;
    }
  }
  const n = residuals.length;
  const squares = scaled.reduce((sum, value) => sum + value * value, 0);
  if (pairs < FEWEST_PAIRS || squares === 0) return null;
  const weights = 2 * pairs;
  const index = (n / weights) * ((2 * product) / squares);
  const expected = -1 / (n - 1);
  const s1 = 2 * weights;
  const s2 = degrees.reduce((sum, degree) => sum + 4 * degree * degree, 0);
  const variance = (n * n * s1 - n * s2 + 3 * weights * weights) / (weights * weights * (n * n - 1)) - expected ** 2;
  return standardised(index - expected, Math.sqrt(variance));
}

const place = (row: number, column: number): number => row * 64 + column;

/** By the noise that a well of its level has, about their median, cut off and centred. */
function standardisedResiduals(residuals: readonly WellResidual[]): number[] {
  const relative = residuals.map((well) => well.residual / noiseAt(well.expected));
  const middle = relative.length > 0 ? median(relative) : 0;
  const sd = relative.length > 0 ? robustSd(relative) : 0;
  if (sd === 0) return relative.map(() => 0);
  const cut = relative.map((value) => Math.max(-CUT, Math.min(CUT, (value - middle) / sd)));
  const centre = mean(cut);
  return cut.map((value) => value - centre);
}

/** A dead well's noise is about a third of a living one's: the floor that the weights of the curve fits assume. */
export const noiseAt = (expected: number): number => Math.hypot(expected, 0.3) / Math.hypot(1, 0.3);

/** An effect without any spread around it is as certain as can be said. */
const MOST_CERTAIN = 99;
const standardised = (effect: number, error: number): number =>
  error > 0
    ? Math.max(-MOST_CERTAIN, Math.min(MOST_CERTAIN, effect / error))
    : effect === 0
      ? 0
      : Math.sign(effect) * MOST_CERTAIN;
