/** Delayed toxicity: a loss that the last day shows clearly and the first does not. A finding of its own, beside any verdict. */
import { significant } from '../statistics.ts';
import { isKnown, isReached, lossAt, type SupportedLoss } from '../supported/curve.ts';
import { DELAYED_THRESHOLDS as T } from '../verdict/thresholds.ts';
import type { DayAssessment } from './compound-course.ts';

export interface DelayedToxicity {
  firstDay: number;
  lastDay: number;
  /** The dose with the largest fall. */
  concentration_uM: number;
  /** Median viability there on the first and on the last day. */
  from: number;
  to: number;
  /** IC50 of the first day over that of the last; a lower bound where one of them is only a limit. */
  fold: number;
  isLowerBound: boolean;
  /** True until the plate reads of both days are complete. */
  provisional: boolean;
  /** In a sentence. */
  finding: string;
}

/**
 * Two things together, so that neither the scatter of one dose nor a shift of a whole plate passes for it: a dose that stood
 * on the first day and fell far by the last, and 95 % intervals of the two IC50s that do not overlap. Both days were read by one model through one microscope:
 * what it misreads moves both IC50s the same way, and cancels where the curves are as steep. So the intervals are those of wells and controls, asked as read and
 * with both curves moved by the whole of the model's error, down and up.
 *
 * @param days after the first dose, in order
 */
export function delayedToxicity(days: readonly DayAssessment[]): DelayedToxicity | null {
  const judged = days.filter(({ supported }) => supported !== null);
  const [first, last] = [judged[0], judged.at(-1)];
  if (!first || !last || first === last) return null;
  const [early, late] = [lossAt(first.supported, 50), lossAt(last.supported, 50)];
  if (!early || !late || !isKnown(early) || early.beyond === 'below lowest tested' || !isReached(late)) return null;
  const fall = largestFall(first, last);
  if (!fall || !areApart(early, late, first, last)) return null;
  const fold = (early.concentration_uM ?? first.highestTested_uM) / (late.concentration_uM ?? last.lowestTested_uM);
  const isLowerBound = early.concentration_uM === null || late.concentration_uM === null;
  const provisional = first.verdict.provisional || last.verdict.provisional;
  const percent = (viability: number): string => `${Math.round(100 * viability)} %`;
  return {
    firstDay: first.day,
    lastDay: last.day,
    ...fall,
    fold,
    isLowerBound,
    provisional,
    finding: `delayed toxicity: at ${significant(fall.concentration_uM)} µM viability falls from ${percent(fall.from)} on day ${first.day} to ${percent(fall.to)} on day ${last.day}, the IC50 ${isLowerBound ? 'at least ' : ''}${significant(fold)}-fold, with 95 % intervals ${(early.parts ?? late.parts) ? 'of wells and controls ' : ''}that do not overlap${provisional ? ' (provisional: plate reads are not complete)' : ''}`,
  };
}

function largestFall(
  first: DayAssessment,
  last: DayAssessment,
): Pick<DelayedToxicity, 'concentration_uM' | 'from' | 'to'> | undefined {
  const falls = first.points.flatMap(({ concentration_uM, viability: from }) => {
    const to = last.points.find((point) => point.concentration_uM === concentration_uM)?.viability;
    return to !== undefined && from >= T.firstDayAtLeast && from - to >= T.fallAtLeast
      ? [{ concentration_uM, from, to }]
      : [];
  });
  return falls.sort((a, b) => b.from - b.to - (a.from - a.to))[0];
}

function areApart(early: SupportedLoss, late: SupportedLoss, first: DayAssessment, last: DayAssessment): boolean {
  const [earlyWells, lateWells] = [early.parts?.wells ?? early, late.parts?.wells ?? late];
  // A curve that is taken for flat, alive or dead, has no interval: the tested end that it lies beyond stands for it.
  const low = earlyWells.low_uM ?? (isFlat(first) ? first.highestTested_uM : null);
  const high = lateWells.high_uM ?? (isFlat(last) ? last.lowestTested_uM : null);
  if (low === null || high === null) return false;
  return SHIFTS.every((shift) => low * shifted(early, shift) > high * shifted(late, shift));
}

const SHIFTS = ['none', 'low_uM', 'high_uM'] as const;

/** Factor on an IC50 where the model misreads by the whole of its error one way; a curve that is then on one side of one half has none of its own. */
function shifted({ concentration_uM, parts }: SupportedLoss, shift: (typeof SHIFTS)[number]): number {
  if (shift === 'none' || !parts || concentration_uM === null) return 1;
  const end = parts.model[shift];
  return end === null ? (shift === 'low_uM' ? 0 : Number.POSITIVE_INFINITY) : end / concentration_uM;
}

const isFlat = ({ supported }: DayAssessment): boolean => supported?.model === 'constant';
