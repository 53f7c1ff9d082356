/** One compound over the days of a study: what a reading that kills nothing can follow. */
import type { Assessment } from '../scoring/assess.ts';
import type { Provenance } from '../scoring/scores.ts';
import { groupBy } from '../statistics.ts';
import { isKnown, isReached, lossAt, type SupportedLoss } from '../supported/curve.ts';
import { ONSET_LOSS_percent } from '../verdict/thresholds.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { type ConcentrationCourse, concentrationCourse } from './concentration-course.ts';
import { type DelayedToxicity, delayedProblem, delayedToxicity } from './delayed.ts';
import { isBeforeEffect } from './first-dose.ts';

/** What a course is made of: a day's assessment. */
export interface DayAssessment
  extends Pick<Assessment, 'points' | 'supported' | 'lowestTested_uM' | 'highestTested_uM'> {
  day: number;
  verdict: Pick<Verdict, 'provisional'>;
  provenance: Pick<Provenance, 'modelIdentities'>;
}

export interface CompoundCourse {
  compound: string;
  /** All of them, that of the first dose too: but for `points`, nothing rests on it. */
  days: number[];
  /** True until the plate reads of all its days are complete. */
  provisional: boolean;
  /** IC50 of each day that has a supported curve, with its 95 % interval; what the model misreads is in each of them, and the same on all days that one model read. */
  ic50: (Pick<SupportedLoss, 'concentration_uM' | 'low_uM' | 'high_uM' | 'censored'> & { day: number })[];
  /** First day on which the supported curve loses {@link ONSET_LOSS_percent} % at a tested dose. */
  onset: { day: number | null; note: string };
  delayed: DelayedToxicity | null;
  /** Lowest first. */
  concentrations: ConcentrationCourse[];
}

/** @param days of one compound, in any order; one a day. */
export function compoundCourse(compound: string, days: readonly DayAssessment[]): CompoundCourse {
  const ordered = inOrder(days);
  const acted = ordered.filter(({ day }) => !isBeforeEffect(day));
  const points = ordered.flatMap(({ day, points: ofDay }) =>
    ofDay.map(({ concentration_uM, viability }) => ({ concentration_uM, day, viability })),
  );
  return {
    compound,
    days: ordered.map(({ day }) => day),
    provisional: ordered.some(({ verdict }) => verdict.provisional),
    ic50: acted.flatMap(({ day, supported }) => {
      const half = lossAt(supported, 50);
      if (!half) return [];
      const { concentration_uM, low_uM, high_uM, censored } = half;
      return [{ day, concentration_uM, low_uM, high_uM, ...(censored === undefined ? {} : { censored }) }];
    }),
    onset: onsetOf(acted),
    delayed: delayedToxicity(acted),
    concentrations: [...groupBy(points, ({ concentration_uM }) => concentration_uM)]
      .sort(([a], [b]) => a - b)
      .map(([concentration_uM, series]) =>
        concentrationCourse(
          concentration_uM,
          series.map(({ day, viability }) => ({ day, viability })),
        ),
      ),
  };
}

/** What a person should mend before the course can say all that it could. */
export const courseProblem = (compound: string, days: readonly DayAssessment[]): string | undefined =>
  delayedProblem(
    compound,
    inOrder(days).filter(({ day }) => !isBeforeEffect(day)),
  );

const inOrder = (days: readonly DayAssessment[]): DayAssessment[] => [...days].sort((a, b) => a.day - b.day);

function onsetOf(days: readonly DayAssessment[]): CompoundCourse['onset'] {
  const judged = days.filter(({ supported }) => supported !== null);
  const [first, last] = [judged[0], judged.at(-1)];
  if (!first || !last) return { day: null, note: 'no day has a supported curve' };
  const lossOf = ({ supported }: DayAssessment) => lossAt(supported, ONSET_LOSS_percent);
  const seen = (day: DayAssessment, is: typeof isReached): boolean => {
    const loss = lossOf(day);
    return loss !== undefined && is(loss);
  };
  const onset = judged.find((day) => seen(day, isReached));
  const unknown = judged.filter((day) => !seen(day, isKnown)).map(({ day }) => day);
  if (!onset && unknown.length > 0) {
    const on = `day${unknown.length > 1 ? 's' : ''} ${unknown.join(', ')}`;
    return { day: null, note: `not known: on ${on} the wells support no dose-response` };
  }
  if (!onset) return { day: null, note: `no loss of ${ONSET_LOSS_percent} % up to day ${last.day}` };
  const note = onset === first ? 'on or before the first read' : `between the reads of this day and of the one before`;
  return { day: onset.day, note };
}
