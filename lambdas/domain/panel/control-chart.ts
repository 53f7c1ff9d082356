/** A control chart of individual values over studies: whether the last result of a reference compound is like those before. */

export interface ChartPoint {
  study: string;
  /** When its first dose was given, ISO 8601: the order of the chart. */
  at: string;
  ic50_uM: number;
}

export interface ControlChart {
  /** In order of time. */
  points: (ChartPoint & { isOutside: boolean })[];
  /** Geometric mean. */
  centre_uM: number;
  /** Control limits; null below {@link LEAST_POINTS} studies. */
  limits_uM: [number, number] | null;
}

/** A convention: from fewer a standard deviation is a guess. */
export const LEAST_POINTS = 5;
/** Expected moving range of two normal values over their standard deviation (Shewhart's d2). */
const D2 = 1.128;
const SIGMAS = 3;

/** On the log scale; the standard deviation is from moving ranges, which a slow drift does not widen. */
export function controlChart(points: readonly ChartPoint[]): ControlChart {
  const ordered = [...points].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.study < b.study ? -1 : 1));
  const logs = ordered.map(({ ic50_uM }) => Math.log(ic50_uM));
  const centre = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const ranges = logs.slice(1).map((value, i) => Math.abs(value - (logs[i] ?? value)));
  const sigma = ranges.reduce((sum, value) => sum + value, 0) / ranges.length / D2;
  const reach = logs.length < LEAST_POINTS ? Number.POSITIVE_INFINITY : SIGMAS * sigma;
  return {
    points: ordered.map((point, i) => ({ ...point, isOutside: Math.abs((logs[i] ?? centre) - centre) > reach })),
    centre_uM: Math.exp(centre),
    limits_uM: Number.isFinite(reach) ? [Math.exp(centre - reach), Math.exp(centre + reach)] : null,
  };
}
