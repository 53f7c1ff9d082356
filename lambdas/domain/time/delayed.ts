/** Delayed toxicity: a loss that the last day shows clearly and the first does not. A finding of its own, beside any verdict. */
import { TOLD_BEYOND } from '../curves/intervals.ts';
import { crossing } from '../curves/models.ts';
import { significant } from '../statistics.ts';
import { isKnown, isReached, lossAt, type SupportedCurve, type SupportedLoss } from '../supported/curve.ts';
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
 * on the first day and fell far by the last, and 95 % intervals of the two IC50s that do not overlap.
 *
 * @param days after the first dose, in order
 */
export function delayedToxicity(days: readonly DayAssessment[]): DelayedToxicity | null {
  const pair = pairOf(days);
  if (!pair || pair.models === 'do not compare' || !areApart(pair)) return null;
  const { first, last, early, late, fall, models } = pair;
  const fold = (early.concentration_uM ?? first.highestTested_uM) / (late.concentration_uM ?? last.lowestTested_uM);
  const isLowerBound = early.concentration_uM === null || late.concentration_uM === null;
  const provisional = first.verdict.provisional || last.verdict.provisional;
  const percent = (viability: number): string => `${Math.round(100 * viability)} %`;
  const ofWhat =
    models === 'differ'
      ? 'that, the errors of the two models included,'
      : `${(early.parts ?? late.parts) ? 'of wells and controls ' : ''}that`;
  return {
    firstDay: first.day,
    lastDay: last.day,
    ...fall,
    fold,
    isLowerBound,
    provisional,
    finding: `delayed toxicity: at ${significant(fall.concentration_uM)} µM viability falls from ${percent(fall.from)} on day ${first.day} to ${percent(fall.to)} on day ${last.day}, the IC50 ${isLowerBound ? 'at least ' : ''}${significant(fold)}-fold, with 95 % intervals ${ofWhat} do not overlap${provisional ? ' (provisional: plate reads are not complete)' : ''}`,
  };
}

/** Where a finding would rest on readings of several models of which not all state what they misread, it is not made; this says so. */
export function delayedProblem(compound: string, days: readonly DayAssessment[]): string | undefined {
  const pair = pairOf(days);
  if (pair?.models !== 'do not compare' || !areApart(pair)) return undefined;
  const { first, last } = pair;
  return `${compound}: days ${first.day} and ${last.day} differ, but were not read by one model, and not every model states what it misreads: nothing is said of delayed toxicity. Upload the images of one of the days again, so that one model reads both.`;
}

interface Pair {
  first: DayAssessment;
  last: DayAssessment;
  early: SupportedLoss;
  late: SupportedLoss;
  fall: Pick<DelayedToxicity, 'concentration_uM' | 'from' | 'to'>;
  models: 'one' | 'differ' | 'do not compare';
}

/** First and last day with a curve, where a dose fell far enough between them. */
function pairOf(days: readonly DayAssessment[]): Pair | undefined {
  const judged = days.filter(({ supported }) => supported !== null);
  const [first, last] = [judged[0], judged.at(-1)];
  if (!first || !last || first === last) return undefined;
  const [early, late] = [lossAt(first.supported, 50), lossAt(last.supported, 50)];
  if (!early || !late || !isKnown(early) || early.beyond === 'below lowest tested' || !isReached(late))
    return undefined;
  const fall = largestFall(first, last);
  if (!fall) return undefined;
  const identities = new Set([first, last].flatMap(({ provenance }) => provenance.modelIdentities));
  const areStated = (early.parts !== undefined || isFlat(first)) && (late.parts !== undefined || isFlat(last));
  return {
    first,
    last,
    early,
    late,
    fall,
    models: identities.size <= 1 ? 'one' : areStated ? 'differ' : 'do not compare',
  };
}

function largestFall(first: DayAssessment, last: DayAssessment): Pair['fall'] | undefined {
  const falls = first.points.flatMap(({ concentration_uM, viability: from }) => {
    const to = last.points.find((point) => point.concentration_uM === concentration_uM)?.viability;
    return to !== undefined && from >= T.firstDayAtLeast && from - to >= T.fallAtLeast
      ? [{ concentration_uM, from, to }]
      : [];
  });
  return falls.sort((a, b) => b.from - b.to - (a.from - a.to))[0];
}

/**
 * What one model misreads moves both IC50s the same way, and cancels where the curves are as steep: the intervals are those of wells and controls,
 * asked as read and with both curves moved by the whole of the model's error, down and up. What two models misread does not cancel: then each interval has
 * its model's error in it.
 */
function areApart({ first, last, early, late, models }: Pair): boolean {
  const partOf = (loss: SupportedLoss) => (models === 'differ' ? loss : (loss.parts?.wells ?? loss));
  // A curve that is taken for flat, alive or dead, has no interval: the tested end that it lies beyond stands for it.
  const low = partOf(early).low_uM ?? (isFlat(first) ? first.highestTested_uM : null);
  const high = partOf(late).high_uM ?? (isFlat(last) ? last.lowestTested_uM : null);
  if (low === null || high === null) return false;
  if (models === 'differ') return low > high;
  return SHIFTS.every((shift) => low * shifted(first, early, shift) > high * shifted(last, late, shift));
}

const SHIFTS = ['none', 'low_uM', 'high_uM'] as const;

/**
 * Factor on an IC50 where the model misreads by the whole of its error one way; a curve that is then on one side of one half has none of its own. A flat
 * curve, being far from one half, stays where it is.
 */
function shifted(day: DayAssessment, { parts }: SupportedLoss, shift: (typeof SHIFTS)[number]): number {
  if (shift === 'none' || !parts || !day.supported || isFlat(day)) return 1;
  const end = parts.model[shift];
  return end === null ? (shift === 'low_uM' ? 0 : Number.POSITIVE_INFINITY) : end / halfOn(day, day.supported);
}

/** Where the curve loses half, also beyond the tested doses: as far as the ends of intervals are told. */
function halfOn({ lowestTested_uM, highestTested_uM }: DayAssessment, { curve }: SupportedCurve): number {
  const at = Math.exp(crossing({ ...curve, middle: Math.log(curve.middle_uM ?? Number.POSITIVE_INFINITY) }, 0.5));
  return Math.min(highestTested_uM * TOLD_BEYOND, Math.max(lowestTested_uM / TOLD_BEYOND, at));
}

const isFlat = ({ supported }: DayAssessment): boolean => supported?.model === 'constant';
