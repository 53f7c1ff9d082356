/** What a model misreads in all wells alike, in the intervals of curves: never narrower, shown apart, and cancelled between days. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseCurve } from '../../lambdas/domain/curves/analyse.ts';
import type { CurveWell } from '../../lambdas/domain/curves/data.ts';
import type { AnalysedLevel, LossEstimate } from '../../lambdas/domain/curves/intervals.ts';
import { sharedErrorAt, sharedErrors } from '../../lambdas/domain/curves/shared-error.ts';
import { analyseTable } from '../../lambdas/domain/scoring/analyse-table.ts';
import { doseSummaries } from '../../lambdas/domain/scoring/assess.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { storyOf } from '../../lambdas/domain/scoring/story.ts';
import { supportedCurve } from '../../lambdas/domain/supported/curve.ts';
import { compoundCourse, courseProblem, type DayAssessment } from '../../lambdas/domain/time/compound-course.ts';
import { type CurveTruth, plateOfCurve, USUAL_DESIGN } from '../../simulation/curve-plate.ts';
import { misread } from '../../simulation/misread.ts';
import { seededRandom } from '../../simulation/random.ts';
import { compound, input, MAP, NOTES, plateRead } from './plate-study.ts';

const TRUTH: CurveTruth = { upper: 1, lower: 0, middle_uM: 8, hill: 1.3 };
const plate = (seed: number, truth = TRUTH): CurveWell[] => plateOfCurve(truth, USUAL_DESIGN, seededRandom(seed));

/** Treated wells that state an error: none when dead or as alive as the vehicle, the given one at one half. */
const stated = (wells: readonly CurveWell[], atHalf: number): CurveWell[] =>
  wells.map((well) =>
    well.concentration_uM === 0
      ? well
      : { ...well, sharedHalfWidth90: atHalf * 4 * Math.max(0, well.viability * (1 - well.viability)) },
  );

const lossesOf = (wells: readonly CurveWell[]): LossEstimate[] => analyseCurve(wells)?.losses ?? [];
const at = (wells: readonly CurveWell[], level: AnalysedLevel): LossEstimate => {
  const found = lossesOf(wells).find((loss) => loss.level === level);
  if (!found) throw new Error(`no level ${level}`);
  return found;
};
const low = ({ low_uM }: Pick<LossEstimate, 'low_uM'>): number => low_uM ?? 0;
const high = ({ high_uM }: Pick<LossEstimate, 'high_uM'>): number => high_uM ?? Number.POSITIVE_INFINITY;

describe('the shared error at a concentration', () => {
  const well = (concentration_uM: number, viability: number, sharedHalfWidth90?: number): CurveWell => ({
    ...{ scale: 'p', concentration_uM, viability },
    ...(sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90 }),
  });
  const all = [well(0, 1, 9), well(1, 0.8, 0.1), well(1, 0.8, 0.12), well(10, 0.3, 0.2), well(100, 0, 0.02)];
  const to95 = (halfWidth90: number): number => (halfWidth90 * 1.959964) / 1.644854;

  it.each([
    ['below the doses is that of the lowest', 0.01, 0.11],
    ['at a dose is the larger of its own and the next', 1, 0.2],
    ['between two is the larger', 3, 0.2],
    ['beyond the last is that one’s', 1000, 0.02],
  ])('%s', (_what, dose_uM, halfWidth90) => {
    expect(sharedErrorAt(sharedErrors(all), Math.log(dose_uM))).toBeCloseTo(to95(halfWidth90), 9);
  });

  it.each<[string, CurveWell[]]>([
    ['a well', [...all, well(100, 0)]],
    ['all wells of a dose', [well(0.1, 1, 0.02), well(1, 0.8), well(10, 0.3, 0.2), well(100, 0)]],
  ])('is the largest that is stated where %s states none', (_what, wells) => {
    for (const dose_uM of [0.01, 1, 3, 1000])
      expect(sharedErrorAt(sharedErrors(wells), Math.log(dose_uM))).toBeCloseTo(to95(0.2), 9);
  });

  it('is not known where no well states one', () => {
    expect(sharedErrorAt(sharedErrors(plate(1)), 0)).toBeUndefined();
  });

  it('is the mean over the wells of what their models state, however few wells one read', () => {
    const by = (model: string, one: CurveWell): CurveWell => ({ ...one, model });
    const wells = [
      ...[0.09, 0.1, 0.14].map((error) => by('a', well(1, 0.8, error))),
      by('b', well(1, 0.8, 0.2)),
      ...[0.05, 0.07, 0.06].map((error) => by('a', well(10, 0.3, error))),
    ];
    expect(sharedErrorAt(sharedErrors(wells), Math.log(1))).toBeCloseTo(to95((3 * 0.1 + 0.2) / 4), 9);
    // A dose that one model read has the median that it states there.
    expect(sharedErrorAt(sharedErrors(wells), Math.log(10))).toBeCloseTo(to95(0.06), 9);
  });
});

describe('an interval', () => {
  it('is exactly the former one where none is stated, without parts; and where a model states that it has none', () => {
    for (const seed of [1, 2, 3]) {
      const former = lossesOf(plate(seed));
      for (const loss of former) expect(loss).not.toHaveProperty('parts');
      expect(lossesOf(stated(plate(seed), 0)).map(({ parts: _parts, ...loss }) => loss)).toEqual(former);
    }
  });

  it('never narrows as the error grows, holds both of its parts, and leaves the estimate where it was', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000_000 }),
        fc.double({ min: 0.8, max: 2.5, noNaN: true }),
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
        fc.constantFrom<AnalysedLevel>(10, 20, 50, 90),
        (seed, hill, error, level) => {
          const wells = plate(seed, { ...TRUTH, hill });
          const [none, small, large] = [wells, stated(wells, error), stated(wells, 2 * error)].map((one) =>
            at(one, level),
          );
          if (!none || !small || !large) throw new Error('three were asked for');
          expect(small.concentration_uM).toBe(none.concentration_uM);
          // An end is found to a thousandth, and a valley of the fit to a hundredth.
          expect(low(small)).toBeLessThanOrEqual(low(none) * 1.001);
          expect(high(small)).toBeGreaterThanOrEqual(high(none) / 1.001);
          expect(low(large)).toBeLessThanOrEqual(low(small) * 1.01);
          expect(high(large)).toBeGreaterThanOrEqual(high(small) / 1.01);
          for (const part of [small.parts?.wells, small.parts?.model]) {
            if (!part) throw new Error('no parts');
            expect(low(small)).toBeLessThanOrEqual(low(part));
            expect(high(small)).toBeGreaterThanOrEqual(high(part));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of the model alone lies where the curve crosses the level ± its half width', () => {
    const clean = plateOfCurve(TRUTH, { ...USUAL_DESIGN, controlCv: 1e-4 }, seededRandom(3));
    const { parts, low_uM, high_uM } = at(stated(clean, 0.1), 50);
    const half = parts?.model.halfWidth95 ?? 0;
    expect(half).toBeGreaterThan(0.1);
    const crossed = (level: number): number => TRUTH.middle_uM * ((1 - level) / level) ** (1 / TRUTH.hill);
    expect(Math.log((parts?.model.low_uM ?? 0) / crossed(0.5 + half))).toBeCloseTo(0, 2);
    expect(Math.log((parts?.model.high_uM ?? 0) / crossed(0.5 - half))).toBeCloseTo(0, 2);
    // Wells without noise leave the model's error alone.
    expect(Math.log((low_uM ?? 0) / (parts?.model.low_uM ?? 1))).toBeCloseTo(0, 2);
    expect(Math.log((high_uM ?? 0) / (parts?.model.high_uM ?? 1))).toBeCloseTo(0, 2);
  });

  it('is open on a side where the level, moved by the error, is never reached', () => {
    const wells = plate(3).map((well) => ({ ...well, sharedHalfWidth90: 0.12 }));
    expect(at(wells, 10)).toMatchObject({ low_uM: null, parts: { model: { low_uM: null } } });
    expect(at(wells, 10).high_uM).not.toBeNull();
    expect(at(wells, 90)).toMatchObject({ high_uM: null, parts: { model: { high_uM: null } } });
  });

  it('of a curve that lies on one side of the level holds finite numbers', () => {
    for (const middle_uM of [0.01, 1000])
      for (const loss of lossesOf(stated(plate(5, { ...TRUTH, middle_uM }), 0.05)))
        expect(JSON.parse(JSON.stringify(loss))).toEqual(loss);
  });

  it('is a thousandfold in nM, and the same in any order of wells', () => {
    const wells = stated(plate(5), 0.08);
    const reference = at(wells, 50);
    const nanomolar = at(
      wells.map((well) => ({ ...well, concentration_uM: 1000 * well.concentration_uM })),
      50,
    );
    for (const end of ['low_uM', 'high_uM'] as const)
      expect(Math.log((nanomolar[end] ?? 0) / 1000 / (reference[end] ?? 1))).toBeCloseTo(0, 3);
    expect(supportedCurve([...wells].reverse())).toEqual(supportedCurve(wells));
  });

  it('holds the true IC50 about as often as it says, where that of the wells alone often does not', () => {
    // 120 studies: 95 % ± 4 % by chance. bench/shared-error.ts has the long simulation.
    const losses = Array.from({ length: 120 }, (_, seed) => {
      const random = seededRandom(seed);
      return at(misread(plateOfCurve(TRUTH, USUAL_DESIGN, random), TRUTH, { sd: 0.1, correlation: 0.8 }, random), 50);
    });
    const held = (of: (loss: LossEstimate) => Pick<LossEstimate, 'low_uM' | 'high_uM'> | undefined): number =>
      losses.filter((loss) => {
        const part = of(loss);
        return part && low(part) <= TRUTH.middle_uM && TRUTH.middle_uM <= high(part);
      }).length / losses.length;
    expect(held((loss) => loss)).toBeGreaterThan(0.89);
    expect(held(({ parts }) => parts?.wells)).toBeLessThan(0.85);
  });
});

describe('the score of a study', () => {
  const readings = (more: object) => plateRead('P1', 7).map((read) => ({ ...read, ...more }));
  const scored = (more: object) =>
    compound(scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings: readings(more) }] })), 'drugA');
  const [without, with_] = [scored({}), scored({ sharedHalfWidth90: 0.1 })];

  it('carries the error of the readings into interval, margin and other labels, and says so', () => {
    const half = with_?.supported?.losses.find(({ level }) => level === 50);
    expect(half?.parts?.model.halfWidth95).toBeCloseTo(0.1 * (1.959964 / 1.644854), 9);
    expect(with_?.margin?.low).toBeLessThan(without?.margin?.low ?? 0);
    expect(with_?.margin?.mos).toBe(without?.margin?.mos);
    expect(with_?.statement).toContain('the model’s own error (± 0.12 of viability there, in all wells alike) alone');
    expect(with_ && storyOf(with_).join(' ')).toMatch(/; of that wells and controls .*, the model’s own error /);
  });

  it('divides the error by what the viability is divided by', () => {
    const halfOf = (readings: ReturnType<typeof plateRead>, over: object = {}): number | undefined => {
      const scores = scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }], ...over }));
      const half = compound(scores, 'drugA')?.supported?.losses.find(({ level }) => level === 50);
      return half?.parts?.model.halfWidth95;
    };
    const withError = (read: ReturnType<typeof plateRead>[number]) => ({ ...read, sharedHalfWidth90: 0.1 });
    // Vehicle wells read 0.8; on day 0 every well reads 0.5.
    expect(halfOf(plateRead('P1', 7, 0.8).map(withError))).toBeCloseTo(((0.1 / 0.8) * 1.959964) / 1.644854, 9);
    const before = plateRead('P1', 0).map((read) => ({ ...withError(read), viability: 0.5 }));
    expect(
      halfOf([...before, ...plateRead('P1', 7, 0.4).map(withError)], { notes: { ...NOTES, normalisation: 'day-0' } }),
    ).toBeCloseTo(((0.1 / 0.5 / 0.8) * 1.959964) / 1.644854, 9);
  });

  it('names the compounds of which only some wells state it, as a problem', () => {
    const scores = scoreStudy(
      input({
        plates: [
          { plate: 'P1', map: MAP, readings: readings({ sharedHalfWidth90: 0.1 }) },
          { plate: 'P2', map: MAP, readings: plateRead('P2', 7) },
        ],
      }),
    );
    expect(scores.problems.join('\n')).toMatch(/day 7: .* does not state its own error: drugA \(5 of 10\), drugB/);
    const whole = scoreStudy(
      input({ plates: [{ plate: 'P1', map: MAP, readings: readings({ sharedHalfWidth90: 0.1 }) }] }),
    );
    expect(whole.problems.join('\n')).not.toContain('own error');
  });

  it('has the mean over wells of the errors of the models that read its plates', () => {
    const second = { name: 'nvir', version: '2', sha256: 'y', variant: 'int8' };
    const halfOf = (over: object): number | undefined => {
      const plates = [
        ...['P1', 'P2', 'P3'].map((plate) => ({ plate, error: 0.1, more: {} })),
        { plate: 'P4', error: 0.2, more: over },
      ].map(({ plate, error, more }) => ({
        ...{ plate, map: MAP },
        readings: plateRead(plate, 7).map((read) => ({ ...read, sharedHalfWidth90: error, ...more })),
      }));
      const half = compound(scoreStudy(input({ plates })), 'drugA')?.supported?.losses.find(
        ({ level }) => level === 50,
      );
      return half?.parts?.model.halfWidth95;
    };
    expect(halfOf({ model: second })).toBeCloseTo((((3 * 0.1 + 0.2) / 4) * 1.959964) / 1.644854, 9);
    expect(halfOf({})).toBeCloseTo((0.1 * 1.959964) / 1.644854, 9);
  });

  it('does not exclude a loss of a flat compound that the model may have hidden', () => {
    const ofB = (more: object) =>
      compound(scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings: readings(more) }] })), 'drugB')?.verdict;
    expect(ofB({})?.label).toContain('no loss seen');
    expect(ofB({})?.couldAlsoBe ?? []).not.toContain('weak signal');
    expect(ofB({ sharedHalfWidth90: 0.2 })).toMatchObject({
      label: ofB({})?.label,
      couldAlsoBe: expect.arrayContaining(['weak signal']),
      reason: expect.stringContaining('the model may read a level of 1.00 by 0.24 too high'),
    });
  });

  it('says nothing of it where readings state none', () => {
    expect(without?.statement).not.toContain('own error');
    expect(without && storyOf(without).join(' ')).not.toContain('own error');
  });

  it('of a table has no such part', () => {
    const rows = [0, 0, 0, 0.1, 1, 10, 100, 1000].map((concentration_uM) => ({
      ...{ location: '', microscope: '', study: '', plate: 'P', day: 7 },
      compound: concentration_uM === 0 ? 'dmso' : 'x',
      concentration_uM,
      viability: 1 / (1 + concentration_uM / 10),
    }));
    const { curves } = analyseTable(
      rows,
      () => undefined,
      (name) => (name === 'dmso' ? 'vehicle' : undefined),
    );
    for (const loss of curves[0]?.supported?.losses ?? []) expect(loss).not.toHaveProperty('parts');
  });
});

describe('delayed toxicity', () => {
  const quiet = (seed: number, truth: CurveTruth): CurveWell[] =>
    plateOfCurve(truth, { ...USUAL_DESIGN, controlCv: 0.05 }, seededRandom(seed));
  const day = (number: number, truth: CurveTruth, error?: number, model = 'm'): DayAssessment => {
    const wells = error === undefined ? quiet(number, truth) : stated(quiet(number, truth), error);
    return {
      day: number,
      verdict: { provisional: false },
      provenance: { modelIdentities: [model] },
      points: doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0)),
      supported: supportedCurve(wells),
      lowestTested_uM: 0.1,
      highestTested_uM: 316,
    };
  };
  const delayed = (early: CurveTruth, late: CurveTruth, error?: number, models = ['m', 'm']) =>
    compoundCourse('x', [day(3, early, error, models[0]), day(7, late, error, models[1])]).delayed;

  it('is not hidden by an error that both days share', () => {
    const [early, late] = [
      { ...TRUTH, middle_uM: 22, hill: 2 },
      { ...TRUTH, middle_uM: 5, hill: 2 },
    ];
    expect(delayed(early, late, 0)).not.toBeNull();
    expect(delayed(early, late, 0.35)).not.toBeNull();
    // Though the intervals of the two days, each with the whole error, overlap.
    const [first, last] = [early, late].map((truth, i) => at(stated(quiet(i === 0 ? 3 : 7, truth), 0.35), 50));
    expect(low(first ?? { low_uM: null })).toBeLessThan(high(last ?? { high_uM: null }));
    expect(delayed(early, late, 0.35)?.finding).toContain('intervals of wells and controls that do not overlap');
  });

  it('rests on whole intervals where the days were read by different models, whose errors do not cancel', () => {
    const [early, near, far] = [22, 5, 0.6].map((middle_uM) => ({ ...TRUTH, middle_uM, hill: 2 }));
    if (!early || !near || !far) throw new Error('three were asked for');
    expect(delayed(early, near, 0.35, ['m', 'm'])).not.toBeNull();
    expect(delayed(early, near, 0.35, ['m', 'n'])).toBeNull();
    expect(delayed(early, far, 0.35, ['m', 'n'])?.finding).toContain(
      'intervals that, the errors of the two models included, do not overlap',
    );
  });

  it('is not claimed of days that different models read, of which not all state their error; a problem says so', () => {
    const late = { ...TRUTH, middle_uM: 0.6 };
    for (const [first, last] of [
      [undefined, 0.1],
      [0.1, undefined],
      [undefined, undefined],
    ]) {
      const days = [day(3, TRUTH, first, 'm'), day(7, late, last, 'n')];
      expect(compoundCourse('x', days).delayed).toBeNull();
      expect(courseProblem('x', days)).toContain('x: days 3 and 7 differ, but were not read by one model');
    }
    for (const days of [
      [day(3, TRUTH, 0.1, 'm'), day(7, late, 0.1, 'n')],
      [day(3, TRUTH), day(7, late)],
      [day(3, TRUTH, undefined, 'm'), day(7, TRUTH, undefined, 'n')],
    ])
      expect(courseProblem('x', days)).toBeUndefined();
  });

  it('moves an IC50 beyond the tested doses with the error too, as far as its curve does', () => {
    const [early, late] = [
      { ...TRUTH, middle_uM: 600, hill: 0.7 },
      { ...TRUTH, middle_uM: 80, hill: 3 },
    ];
    const loss = day(3, early, 0.3).supported?.losses.find(({ level }) => level === 50);
    expect(loss).toMatchObject({ concentration_uM: null, beyond: 'above highest tested' });
    expect(delayed(early, late, 0)).not.toBeNull();
    expect(delayed(early, late, 0.3)).toBeNull();
  });

  it('is not claimed where the error, the same on both days, would bring curves of other steepness together', () => {
    const [early, late] = [
      { ...TRUTH, middle_uM: 110, hill: 0.6 },
      { ...TRUTH, middle_uM: 8, hill: 3 },
    ];
    expect(delayed(early, late, 0)).not.toBeNull();
    expect(delayed(early, late, 0.3)).toBeNull();
  });
});
