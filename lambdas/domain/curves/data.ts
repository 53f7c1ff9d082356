/**
 * Wells of one compound with the vehicle wells that they were normalised to, as the curve models see them: cells of equal
 * scale and concentration. Vehicle wells are observations like any other, so the error that all wells of a plate read
 * share through its vehicle median is carried into every interval. Plates that borrow one pool of vehicle wells share its error too:
 * the pool is an observation of a centre, about which each of their levels lies.
 */
import { groupBy } from '../statistics.ts';
import { type SharedError, sharedErrors } from './shared-error.ts';
import { relativeVariance } from './variance.ts';

export interface CurveWell {
  /** Wells that are too high or too low together: those of a plate read. */
  scale: string;
  /** 0 for a vehicle well. */
  concentration_uM: number;
  /** Relative to the vehicle median of its scale. */
  viability: number;
  /** Of it, relative to the vehicle like it, half the width of the 90 % interval of what the model misreads in all wells alike; not of an assay that is no model. */
  sharedHalfWidth90?: number;
  /** Which model read it, where several read the wells of one curve. */
  model?: string;
  /** Of a scale without vehicle wells, as an observation at concentration 0: the level 1 that it takes from others, and how well it is known. */
  borrowed?: BorrowedLevel;
}

export interface BorrowedLevel {
  /** The vehicle wells that it is from: scales that name the same share its error. */
  pool: string;
  /** Standard deviation, relative to the level: a normal distribution with it leaves the level in its 95 % interval. */
  sd: number;
  /** Plates whose vehicle wells it is from. */
  plates: number;
  /** True where how plates differ was assumed, there being too few of them to tell. */
  assumed: boolean;
}

/** Levels of scales that lie about the centre of one pool of vehicle wells, which is near 1. */
export interface Pool {
  /** Of how far the centre lies from the 1 that was observed: the noise of a well over the error of the pool. */
  weight: number;
  /** Indices of the scales that borrow from it. */
  scales: readonly number[];
  /** Of the share by which the level of each lies off the centre: the noise of a well over what plates differ by. */
  scaleWeight: number;
}

/** Cells, wells of one scale and concentration, column by column: the fits read them many thousand times. */
export interface CurveData {
  /** Index of each cell's scale. */
  scale: Int32Array;
  /** ln µM; −∞ for vehicle wells. In rising order. */
  x: Float64Array;
  /** Mean viability of the cell's wells. */
  mean: Float64Array;
  /** Square root of (wells / relative variance): what a residual of the mean is multiplied by. */
  weight: Float64Array;
  scales: number;
  /** Whose error several scales share; none while the noise is not known that they are weighed by. */
  pools: readonly Pool[];
  /** Residuals of a fit: a cell each, and those of the pools and the scales that borrow from them. */
  residuals: number;
  /** Treated and vehicle wells together; a level that is borrowed counts as one where it is weighed. */
  wells: number;
  /** Of them, borrowed levels: what is assumed of a level tells nothing of the noise of wells. */
  borrowed: number;
  vehicleWells: number;
  /** Weighted sum of squares within cells: noise that no curve explains. */
  within: number;
  lowestTested_uM: number;
  highestTested_uM: number;
  concentrations: number;
  /** Of the model that read the wells, by dose; empty where none is stated. */
  sharedErrors: readonly SharedError[];
}

/** @param noise of one vehicle well, which borrowed levels are weighed by; without it they are left free, as if they were not known at all */
export function curveData(all: readonly CurveWell[], noise?: number): CurveData {
  const wells = all.filter(({ borrowed }) => borrowed === undefined);
  const scales = [...new Set(wells.map((well) => well.scale))].sort();
  const level = monotoneLevels(wells);
  const groups = [...groupBy(wells, (well) => `${well.scale}|${well.concentration_uM}`).values()].map((group) => {
    const concentration_uM = group[0]?.concentration_uM ?? 0;
    const mean = group.reduce((sum, well) => sum + well.viability, 0) / group.length;
    const scatter = group.reduce((sum, well) => sum + (well.viability - mean) ** 2, 0);
    return { group, mean, scatter, wells: group.length, concentration_uM, level: level.get(concentration_uM) ?? 1 };
  });
  const varianceAt = relativeVariance(groups);
  const within = groups.reduce((sum, { scatter, level: at }) => sum + scatter / varianceAt(at), 0);
  const cells = groups.map(({ group, mean, concentration_uM, level: at }) => ({
    scale: scales.indexOf(group[0]?.scale ?? ''),
    x: Math.log(concentration_uM),
    mean,
    weight: Math.sqrt(group.length / varianceAt(at)),
  }));
  cells.sort((a, b) => (a.x === b.x ? a.scale - b.scale : a.x - b.x));
  const doses = [...new Set(wells.map((well) => well.concentration_uM))].filter((dose) => dose > 0);
  const pools = noise === undefined ? [] : poolsOf(all, scales, noise);
  const borrowing = pools.reduce((sum, pool) => sum + pool.scales.length, 0);
  return {
    scale: Int32Array.from(cells, (cell) => cell.scale),
    x: Float64Array.from(cells, (cell) => cell.x),
    mean: Float64Array.from(cells, (cell) => cell.mean),
    weight: Float64Array.from(cells, (cell) => cell.weight),
    scales: scales.length,
    pools,
    residuals: cells.length + pools.length + borrowing,
    wells: wells.length + borrowing,
    borrowed: borrowing,
    vehicleWells: all.filter((well) => well.concentration_uM === 0).length,
    within,
    lowestTested_uM: Math.min(...doses),
    highestTested_uM: Math.max(...doses),
    concentrations: doses.length,
    sharedErrors: sharedErrors(wells),
  };
}

/**
 * Of the variance of another plate's level about the mean of n, sd² = plates' own · (1 + 1/n), the share 1/(n + 1) is the error of that
 * mean: all plates that borrow it have it in common, and no number of them averages it out. Of a single one both errors are one.
 */
function poolsOf(wells: readonly CurveWell[], scales: readonly string[], noise: number): Pool[] {
  const borrowed = wells.flatMap(({ scale, borrowed: level }) => (level ? [{ ...level, scale }] : []));
  return [...groupBy(borrowed, ({ pool }) => pool).values()].flatMap((levels) => {
    const [known] = levels;
    if (!known) return [];
    const weight = noise / known.sd;
    const [ofPool, ofScale] =
      levels.length === 1 ? [1, RIGID] : [Math.sqrt(known.plates + 1), Math.sqrt(1 + 1 / known.plates)];
    return [
      {
        weight: weight * ofPool,
        scales: levels.map(({ scale }) => scales.indexOf(scale)),
        scaleWeight: weight * ofScale,
      },
    ];
  });
}

/** Times the weight of the whole: a level that does not leave its centre. */
const RIGID = 100;

/**
 * A level for every concentration that falls or stays with the dose (isotonic regression by pooling adjacent violators), so
 * that weights depend on no model: models are compared, and intervals are found, under the same weights.
 */
function monotoneLevels(wells: readonly CurveWell[]): Map<number, number> {
  const blocks: { doses: number[]; sum: number; n: number }[] = [];
  for (const [dose, group] of [...groupBy(wells, (well) => well.concentration_uM)].sort(([a], [b]) => a - b)) {
    blocks.push({ doses: [dose], sum: group.reduce((sum, well) => sum + well.viability, 0), n: group.length });
    for (
      let last = blocks.at(-1), before = blocks.at(-2);
      last && before;
      last = blocks.at(-1), before = blocks.at(-2)
    ) {
      if (before.sum / before.n >= last.sum / last.n) break;
      blocks.splice(-2, 2, {
        doses: [...before.doses, ...last.doses],
        sum: before.sum + last.sum,
        n: before.n + last.n,
      });
    }
  }
  return new Map(
    blocks.flatMap(({ doses, sum, n }) => doses.map((dose): [number, number] => [dose, Math.max(0, sum / n)])),
  );
}
