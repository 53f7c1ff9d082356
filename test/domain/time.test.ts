/** A compound over the days: when half is lost, how much in all, since when, and what only the last day shows. */
import { describe, expect, it } from 'vitest';
import { doseSummaries } from '../../lambdas/domain/scoring/assess.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { supportedCurve } from '../../lambdas/domain/supported/curve.ts';
import { compoundCourse, type DayAssessment } from '../../lambdas/domain/time/compound-course.ts';
import { concentrationCourse } from '../../lambdas/domain/time/concentration-course.ts';
import { plateOfCurve, USUAL_DESIGN } from '../../simulation/curve-plate.ts';
import { seededRandom } from '../../simulation/random.ts';
import { input, MAP, NOTES, plateRead } from './plate-study.ts';

const series = (...pairs: [day: number, viability: number][]) =>
  concentrationCourse(
    10,
    pairs.map(([day, viability]) => ({ day, viability })),
  );

describe('time to 50 % loss', () => {
  it.each<[string, [number, number][], number | null, string | undefined]>([
    [
      'between two reads, linearly',
      [
        [3, 0.9],
        [7, 0.1],
      ],
      5,
      undefined,
    ],
    [
      'at a read',
      [
        [3, 0.9],
        [7, 0.5],
      ],
      7,
      undefined,
    ],
    [
      'at the first fall, though it recovers',
      [
        [1, 0.8],
        [2, 0.2],
        [3, 0.9],
      ],
      1.5,
      undefined,
    ],
    [
      'by the first read',
      [
        [3, 0.4],
        [7, 0.1],
      ],
      null,
      '≤ day 3 (first read)',
    ],
    [
      'not by the last',
      [
        [3, 0.9],
        [7, 0.6],
      ],
      null,
      '> day 7 (last read)',
    ],
    ['not by the only one', [[3, 0.9]], null, '> day 3 (last read)'],
  ])('is %s', (_what, pairs, days, censored) => {
    const course = series(...pairs);
    if (days === null) expect(course.timeTo50_days).toBeNull();
    else expect(course.timeTo50_days).toBeCloseTo(days, 12);
    expect(course.timeTo50Censored).toBe(censored);
  });
});

it('leaves the day of the first dose out of time and area, but shows it', () => {
  const course = series([0, 1], [3, 0.9], [7, 0.1]);
  expect(course).toMatchObject({ timeTo50_days: 5, area_viabilityDays: 2 });
  expect(course.points).toHaveLength(3);
  expect(series([0, 0.3], [3, 0.2]).timeTo50Censored).toBe('≤ day 3 (first read)');
  expect(series([0, 1])).toMatchObject({
    timeTo50_days: null,
    timeTo50Censored: 'no read after the first dose',
    area_viabilityDays: null,
  });
});

it('is the area under viability and time, and its mean over the days between', () => {
  expect(series([1, 1], [3, 0.5], [7, 0])).toMatchObject({ area_viabilityDays: 2.5 });
  expect(series([1, 1], [3, 0.5], [7, 0]).meanViability).toBeCloseTo(2.5 / 6, 12);
  expect(series([3, 1])).toMatchObject({ area_viabilityDays: null, meanViability: null });
});

/** A day of a compound with a given true IC50, on the usual plate. */
function assessed(day: number, middle_uM: number, seed: number, design = USUAL_DESIGN): DayAssessment {
  const wells = plateOfCurve({ upper: 1, lower: 0, middle_uM, hill: 1.3 }, design, seededRandom(seed));
  return {
    day,
    verdict: { provisional: false },
    provenance: { modelIdentities: ['m'] },
    points: doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0)),
    supported: supportedCurve(wells),
    lowestTested_uM: 0.1,
    highestTested_uM: 316,
  };
}

describe('onset', () => {
  it.each<[string, number[], number | null, string]>([
    ['on or before the first read', [5, 2], 3, 'on or before'],
    ['after it', [1e5, 5], 7, 'between the reads'],
    ['not at all', [1e5, 1e6], null, 'no loss of 20 % up to day 7'],
  ])('is %s', (_what, [first = 0, last = 0], day, note) => {
    const { onset } = compoundCourse('x', [assessed(7, last, 1), assessed(3, first, 2)]);
    expect(onset.day).toBe(day);
    expect(onset.note).toContain(note);
  });
});

describe('delayed toxicity', () => {
  it('is a loss that the last day shows and the first does not', () => {
    const { delayed, days, ic50 } = compoundCourse('x', [assessed(7, 5, 1), assessed(3, 1e5, 2)]);
    expect(days).toEqual([3, 7]);
    expect(delayed).toMatchObject({ firstDay: 3, lastDay: 7, isLowerBound: true });
    expect(delayed?.fold).toBeGreaterThan(10);
    expect(delayed?.finding).toMatch(
      /^delayed toxicity: at .* µM viability falls from \d+ % on day 3 to \d+ % on day 7/,
    );
    expect(ic50.map(({ day, censored }) => [day, censored])).toEqual([
      [3, '> 316 µM (highest tested)'],
      [7, undefined],
    ]);
  });

  it('is none where the IC50 stays, in all but a few of 100 noisy compounds', () => {
    const found = Array.from({ length: 100 }, (_, i) =>
      compoundCourse('x', [assessed(3, 8, 2 * i), assessed(7, 8, 2 * i + 1)]),
    ).filter(({ delayed }) => delayed !== null);
    expect(found.length).toBeLessThanOrEqual(3);
  });

  it('is none where all was lost from the start, where nothing is lost, or with a single day', () => {
    for (const days of [
      [assessed(3, 0.001, 1), assessed(7, 0.0001, 2)],
      [assessed(3, 1e6, 1), assessed(7, 1e6, 2)],
      [assessed(7, 5, 1)],
    ])
      expect(compoundCourse('x', days).delayed).toBeNull();
  });
});

it('is scored for every compound of a study, over all its days', () => {
  const readings = [...plateRead('P1', 3), ...plateRead('P1', 7)];
  const { courses } = scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }] }));
  expect(courses.map(({ compound, days }) => [compound, days])).toEqual([
    ['drugA', [3, 7]],
    ['drugB', [3, 7]],
    ['drugC', [3, 7]],
  ]);
  expect(courses[2]?.concentrations[0]).toMatchObject({ timeTo50Censored: '≤ day 3 (first read)' });
  expect(courses[1]?.concentrations[0]?.meanViability).toBeCloseTo(1, 12);
});

describe('a read on the day of the first dose', () => {
  const notes = { ...NOTES, imagingDays: [0, 1, 7] };
  const before = plateRead('P1', 0).map((read) => ({ ...read, viability: 1 }));
  const readings = [...before, ...plateRead('P1', 1), ...plateRead('P1', 7)];
  const scores = scoreStudy(input({ notes, plates: [{ plate: 'P1', map: MAP, readings }] }));

  it('has no verdict, curve or margin', () => {
    const [first] = scores.days;
    expect(first?.day).toBe(0);
    for (const { verdict, supported, margin, mos } of first?.compounds ?? []) {
      expect(verdict).toMatchObject({
        label: 'unknown',
        reason: 'read on the day of the first dose, before it can act',
      });
      expect([supported, margin, mos]).toEqual([null, null, null]);
    }
    expect(first?.auc.n).toBe(0);
  });

  it('makes nothing delayed that was there on the first day after it', () => {
    for (const { days, delayed, ic50, onset } of scores.courses) {
      expect(days).toEqual([0, 1, 7]);
      expect(delayed).toBeNull();
      expect(ic50.map(({ day }) => day)).toEqual([1, 7]);
      expect(onset.day).not.toBe(0);
    }
    expect(scores.courses[2]?.onset).toEqual({ day: 1, note: 'on or before the first read' });
  });
});

it('is provisional while the reads of any of its days are', () => {
  const late = { ...assessed(7, 5, 1), verdict: { provisional: true } };
  const course = compoundCourse('x', [late, assessed(3, 1e5, 2)]);
  expect(course).toMatchObject({ provisional: true, delayed: { provisional: true } });
  expect(course.delayed?.finding).toContain('provisional: plate reads are not complete');
  expect(compoundCourse('x', [assessed(7, 5, 1), assessed(3, 1e5, 2)])).toMatchObject({
    provisional: false,
    delayed: { provisional: false },
  });
});
