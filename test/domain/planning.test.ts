/** What a layout may be, what a call is, and what many simulated compounds say together. */
import { describe, expect, it } from 'vitest';
import { CALLS, type Judged, judge, rightCalls } from '../../lambdas/domain/planning/call.ts';
import {
  compoundsThatFit,
  dosesOf,
  problemOf,
  type ScreenDesign,
  wellsUsed,
} from '../../lambdas/domain/planning/design.ts';
import { outcomeOf, overallOf } from '../../lambdas/domain/planning/outcome.ts';
import { adviceOn, type Compared, variantsOf } from '../../lambdas/domain/planning/variants.ts';
import { plateOfCurve, USUAL_DESIGN } from '../../simulation/curve-plate.ts';
import { misreadAsStated, sharedHalfWidth90At } from '../../simulation/misread.ts';
import { simulatePlan } from '../../simulation/plan.ts';
import { seededRandom } from '../../simulation/random.ts';

const design: ScreenDesign = {
  format: 96,
  compounds: 3,
  highest_uM: 100,
  doses: 8,
  dilution: 10 ** 0.5,
  replicates: 3,
  vehicleWells: 6,
  otherWells: 0,
  plates: 1,
  controlCv: 0.14,
  cmax_uM: 1,
  sharedHalfWidths90: [],
};

describe('a layout', () => {
  it('has its doses lowest first, and counts its wells', () => {
    expect(dosesOf(design).map((dose) => Number(dose.toPrecision(3)))).toEqual([
      0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100,
    ]);
    expect(wellsUsed(design)).toBe(78);
    expect(compoundsThatFit(design)).toBe(3);
    expect(problemOf(design)).toBeUndefined();
  });

  it.each<[string, Partial<ScreenDesign>, RegExp, RegExp]>([
    ['of a plate that does not exist', { format: 100 }, /no plate of 100 wells/, /96, 384/],
    ['with more wells than the plate has', { compounds: 4 }, /102 wells, and the plate has 96/, /Plan 3 compounds/],
    ['with no room for a single compound', { compounds: 1, replicates: 12 }, /102 wells/, /fewer doses or replicates/],
    ['that does not reach 25 × Cmax', { highest_uM: 24 }, /24 × Cmax/, /25 µM/],
    ['without vehicle wells', { vehicleWells: 0 }, /normalised/, /at least 6/],
    ['with two doses', { doses: 2 }, /2 doses/, /at least 3/],
    ['whose doses do not fall', { dilution: 1 }, /dilution of 1/, /3\.16/],
  ])('%s is refused with a remedy', (_, over, message, remedy) => {
    const problem = problemOf({ ...design, ...over });
    expect(problem?.message).toMatch(message);
    expect(problem?.remedy).toMatch(remedy);
  });

  it('that reaches 25 × Cmax but for rounding is accepted', () => {
    expect(problemOf({ ...design, highest_uM: 0.175, cmax_uM: 0.007 })).toBeUndefined();
  });
});

describe('a call', () => {
  it.each([
    [5, ['strong signal']],
    [10, ['strong signal', 'signal']],
    [25, ['signal']],
    [50, ['signal', 'weak signal']],
    [80, ['weak signal']],
    ['none' as const, ['no loss seen']],
  ])('on a true margin of %s is right as %j', (mos, right) => expect(rightCalls(mos)).toEqual(right));

  it.each([
    [5, 'strong signal'],
    [25, 'signal'],
    [70, 'weak signal'],
    [1e9, 'no loss seen'],
  ])('on almost noiseless wells of a margin of %d is "%s"', (middle_uM, call) => {
    const plate = { ...USUAL_DESIGN, doses_uM: dosesOf(design), controlCv: 0.01 };
    const wells = plateOfCurve({ upper: 1, lower: 0, middle_uM, hill: 2 }, plate, seededRandom(1));
    const judged = judge(wells, 1);
    expect(judged.call).toBe(call);
    if (middle_uM < 1e6) {
      expect(judged.low_uM).toBeLessThan(middle_uM);
      expect(judged.high_uM).toBeGreaterThan(middle_uM);
    }
  });
});

const judged = (call: Judged['call'], low_uM: number | null = 1, high_uM: number | null = 4): Judged => ({
  call,
  low_uM,
  high_uM,
  ofWells: { low_uM, high_uM },
});

describe('many compounds', () => {
  it('are counted by call; "unknown" is neither right nor wrong', () => {
    const outcome = outcomeOf(25, 2, [
      judged('signal'),
      judged('signal', 1, 2),
      judged('weak signal'),
      judged('unknown', null),
    ]);
    expect(outcome).toMatchObject({ trueIc50_uM: 50, runs: 4, right: 0.5, wrong: 0.25, open: 0.25, intervalFold: 4 });
    expect(CALLS.reduce((sum, call) => sum + outcome.called[call], 0)).toBe(1);
  });

  it('have an open interval when half of theirs are', () => {
    const outcome = outcomeOf(25, 2, [judged('signal'), judged('signal', null), judged('signal', 1, null)]);
    expect(outcome.intervalFold).toBeNull();
    expect(overallOf([outcome]).intervalFold).toBeNull();
  });

  it('of several margins count each margin the same', () => {
    const twofold = outcomeOf(10, 1, [judged('signal', 1, 2)]);
    const eightfold = outcomeOf(25, 1, [judged('weak signal', 1, 8)]);
    const flat = outcomeOf('none', 1, [judged('no loss seen', null, null)]);
    const overall = overallOf([twofold, eightfold, flat]);
    expect(overall.intervalFold).toBeCloseTo(4);
    expect(overall.right).toBeCloseTo(2 / 3);
    expect(overall.wrong).toBeCloseTo(1 / 3);
  });
});

describe('variants', () => {
  it('each spend more wells, and fit their plate', () => {
    const variants = variantsOf(design);
    expect(variants).toHaveLength(4);
    for (const { design: changed, moreWells } of variants) {
      expect(moreWells).toBeGreaterThan(0);
      expect(problemOf(changed)).toBeUndefined();
      expect(dosesOf(changed)[0]).toBeCloseTo(dosesOf(design)[0] ?? 0);
    }
  });

  it('that leave no room for a compound are not proposed', () => {
    const full = { ...design, compounds: 1, replicates: 11, vehicleWells: 8 };
    expect(variantsOf(full).map(({ change }) => change)).toEqual(['one more plate']);
  });

  const compared = (change: string, intervalFold: number | null, moreWells: number): Compared => ({
    change,
    design,
    moreWells,
    overall: { right: 1, wrong: 0, intervalFold },
  });

  it('are advised by what they narrow, and by what each well gains', () => {
    const own = { right: 1, wrong: 0, intervalFold: 4 };
    const advice = adviceOn(own, [compared('dear', 2, 26), compared('cheap', 3, 2), compared('worse', 5, 1)]);
    expect(advice?.most.change).toBe('dear');
    expect(advice?.bestValue.change).toBe('cheap');
    expect(adviceOn(own, [compared('by chance', 3.95, 2)])).toBeUndefined();
    expect(adviceOn({ ...own, intervalFold: null }, [compared('closes it', 50, 9)])?.most.change).toBe('closes it');
  });
});

describe('a model that misreads all wells alike', () => {
  const truth = { upper: 1, lower: 0, middle_uM: 10, hill: 1 };
  const well = (concentration_uM: number, viability: number) => ({ scale: 'p', concentration_uM, viability });
  const wells = [well(0, 1), well(10, 0.5), well(10, 0.6), well(1e9, 0)];
  const half = [0.1, 0.2, 0];

  it('moves wells of one dose by one amount, states by what it reads, and reads vehicle wells well', () => {
    const [vehicle, a, b, dead] = misreadAsStated(wells, truth, half, seededRandom(3));
    expect(vehicle).toEqual(wells[0]);
    const moved = (a?.viability ?? 0) - 0.5;
    expect((b?.viability ?? 0) - 0.6).toBeCloseTo(moved, 12);
    expect(dead?.viability).toBeCloseTo(moved / 2, 6);
    for (const one of [a, b, dead])
      expect(one?.sharedHalfWidth90).toBeCloseTo(sharedHalfWidth90At(half, one?.viability ?? 0), 12);
  });

  it('misreads by its half width of 90 % or less in 90 % of studies', () => {
    const moves = Array.from({ length: 2000 }, (_, i) =>
      Math.abs((misreadAsStated(wells, truth, half, seededRandom(i))[1]?.viability ?? 0) - 0.5),
    );
    expect(moves.filter((move) => move <= 0.2).length / moves.length).toBeCloseTo(0.9, 1);
  });

  it('is linear between what it states', () => {
    expect([-1, 0, 0.25, 0.5, 0.75, 1, 2].map((at) => sharedHalfWidth90At(half, at))).toEqual([
      0.1, 0.1, 0.15000000000000002, 0.2, 0.1, 0, 0,
    ]);
    expect(sharedHalfWidth90At([], 0.5)).toBe(0);
    expect(misreadAsStated(wells, truth, [], seededRandom(1))).toEqual(wells);
  });
});

describe('a simulated plan', () => {
  const plan = { margins: [25, 'none' as const], hill: 1.5, runs: 60, seed: 4 };

  it('is the same for the same seed, and another for another', () => {
    expect(simulatePlan(design, plan)).toEqual(simulatePlan(design, plan));
    expect(simulatePlan(design, plan)).not.toEqual(simulatePlan(design, { ...plan, seed: 5 }));
  });

  it('has wider intervals with noisier controls, and narrower ones with more plates', () => {
    const fold = (over: Partial<ScreenDesign>): number =>
      simulatePlan({ ...design, ...over }, plan)[0]?.intervalFold ?? Number.POSITIVE_INFINITY;
    expect(fold({ controlCv: 0.21 })).toBeGreaterThan(fold({}));
    expect(fold({ plates: 3 })).toBeLessThan(fold({}));
  });

  it('has wider intervals for a model that may misread all wells alike, by no fault of the wells', () => {
    const [atp] = simulatePlan(design, plan);
    const [read] = simulatePlan({ ...design, sharedHalfWidths90: [0.15, 0.15, 0.15, 0.1, 0] }, plan);
    expect(atp?.intervalFoldOfWells).toBe(atp?.intervalFold);
    expect(read?.intervalFold).toBeGreaterThan(1.2 * (atp?.intervalFold ?? 0));
    expect(read?.intervalFoldOfWells).toBeCloseTo(atp?.intervalFold ?? 0, 0);
  });

  it('cannot have the error of the model averaged out by wells', () => {
    const fold = (over: Partial<ScreenDesign>): number =>
      simulatePlan({ ...design, ...over }, plan)[0]?.intervalFold ?? Number.POSITIVE_INFINITY;
    const shared = { sharedHalfWidths90: [0.15, 0.15, 0.15, 0.1, 0] };
    const gain = (over: Partial<ScreenDesign>): number => Math.log(fold(over)) / Math.log(fold({ ...over, plates: 4 }));
    expect(gain({})).toBeGreaterThan(1.7);
    expect(gain(shared)).toBeLessThan(1.4);
  });

  it('calls a margin between the thresholds rightly when controls hardly vary, and no flat compound a strong signal', () => {
    const [loss, flat] = simulatePlan({ ...design, controlCv: 0.03 }, plan);
    expect(loss?.right).toBeGreaterThan(0.95);
    expect(flat?.called['strong signal']).toBe(0);
  });
});
