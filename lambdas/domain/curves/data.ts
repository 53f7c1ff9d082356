/**
 * Wells of one compound with the vehicle wells that they were normalised to, as the curve models see them: cells of equal
 * scale and concentration. Vehicle wells are observations like any other, so the error that all wells of a plate read
 * share through its vehicle median is carried into every interval.
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
  /** Of it, half the width of the 90 % interval of what the model misreads in all wells alike; not of an assay that is no model. */
  sharedHalfWidth90?: number;
  /** Of a level that a scale without vehicle wells takes from others, as an observation of 1: how well it is known. */
  borrowed?: BorrowedLevel;
}

export interface BorrowedLevel {
  /** Standard deviation, relative to the level: a normal distribution with it leaves the level in its 95 % interval. */
  sd: number;
  /** Plates whose vehicle wells it is from. */
  plates: number;
  /** True where how plates differ was assumed, there being too few of them to tell. */
  assumed: boolean;
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
  /** Treated and vehicle wells together. */
  wells: number;
  vehicleWells: number;
  /** Weighted sum of squares within cells: noise that no curve explains. */
  within: number;
  lowestTested_uM: number;
  highestTested_uM: number;
  concentrations: number;
  /** Of the model that read the wells, by dose; empty where none is stated. */
  sharedErrors: readonly SharedError[];
}

export function curveData(wells: readonly CurveWell[]): CurveData {
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
  const replicates = groups.reduce((sum, { group }) => sum + group.length - 1, 0);
  // Of one vehicle well; without replicates a borrowed level counts as one of them.
  const noise = replicates > 0 ? Math.sqrt(within / replicates) : undefined;
  const cells = groups.map(({ group, mean, concentration_uM, level: at }) => {
    const borrowed = group[0]?.borrowed;
    const weight = borrowed && noise ? noise / borrowed.sd : Math.sqrt(group.length / varianceAt(at));
    return { scale: scales.indexOf(group[0]?.scale ?? ''), x: Math.log(concentration_uM), mean, weight };
  });
  cells.sort((a, b) => (a.x === b.x ? a.scale - b.scale : a.x - b.x));
  const doses = [...new Set(wells.map((well) => well.concentration_uM))].filter((dose) => dose > 0);
  return {
    scale: Int32Array.from(cells, (cell) => cell.scale),
    x: Float64Array.from(cells, (cell) => cell.x),
    mean: Float64Array.from(cells, (cell) => cell.mean),
    weight: Float64Array.from(cells, (cell) => cell.weight),
    scales: scales.length,
    wells: wells.length,
    vehicleWells: wells.filter((well) => well.concentration_uM === 0).length,
    within,
    lowestTested_uM: Math.min(...doses),
    highestTested_uM: Math.max(...doses),
    concentrations: doses.length,
    sharedErrors: sharedErrors(wells),
  };
}

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
