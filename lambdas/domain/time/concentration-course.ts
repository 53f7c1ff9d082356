/** One concentration over the plate reads: when half is lost, and how much viability there was in all. */
import { isBeforeEffect } from './first-dose.ts';

export interface TimePoint {
  /** Nominal imaging day. */
  day: number;
  /** Median of the replicates, relative to vehicle. */
  viability: number;
}

export interface ConcentrationCourse {
  concentration_uM: number;
  points: TimePoint[];
  /** Day on which viability first falls through one half, by linear interpolation between reads after the first dose; null when no two of them show it. */
  timeTo50_days: number | null;
  /** Where they do not: `≤ day 3 (first read)`, `> day 7 (last read)`, `no read after the first dose`. */
  timeTo50Censored?: string;
  /** Area under the viability-time curve between the first and the last read after the first dose, viability × days; null for a single read. */
  area_viabilityDays: number | null;
  /** That area over the days between: 1 = as the vehicle all the time. */
  meanViability: number | null;
}

const HALF = 0.5;

/** @param points one a day, in order of days; at least one. */
export function concentrationCourse(concentration_uM: number, points: readonly TimePoint[]): ConcentrationCourse {
  const acted = points.filter(({ day }) => !isBeforeEffect(day));
  const area = acted.length > 1 ? areaUnder(acted) : null;
  const span = (acted.at(-1)?.day ?? 0) - (acted[0]?.day ?? 0);
  return {
    concentration_uM,
    points: [...points],
    ...timeTo50(acted),
    area_viabilityDays: area,
    meanViability: area === null ? null : area / span,
  };
}

function timeTo50(points: readonly TimePoint[]): Pick<ConcentrationCourse, 'timeTo50_days' | 'timeTo50Censored'> {
  const index = points.findIndex(({ viability }) => viability <= HALF);
  const [at, before] = [points[index], points[index - 1]];
  const last = points.at(-1);
  if (!last) return { timeTo50_days: null, timeTo50Censored: 'no read after the first dose' };
  if (!at) return { timeTo50_days: null, timeTo50Censored: `> day ${last.day} (last read)` };
  // Nothing is assumed of the days before the first read.
  if (!before) return { timeTo50_days: null, timeTo50Censored: `≤ day ${at.day} (first read)` };
  const share = (before.viability - HALF) / (before.viability - at.viability);
  return { timeTo50_days: before.day + share * (at.day - before.day) };
}

/** Trapezoids between reads. */
const areaUnder = (points: readonly TimePoint[]): number =>
  points.slice(1).reduce((sum, point, i) => {
    const before = points[i] ?? point;
    return sum + ((point.day - before.day) * (point.viability + before.viability)) / 2;
  }, 0);
