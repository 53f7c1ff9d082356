/** Bridging: a good model holds, a biased or blind one is found, thin evidence says nothing, and a known line is recovered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../../lambdas/domain/bridge/calls.ts';
import { meanOfPlates, plateJackknife } from '../../lambdas/domain/bridge/intervals.ts';
import { type BridgeJudgement, judgeBridge } from '../../lambdas/domain/bridge/judge.ts';
import { offerRecalibration, recalibrated } from '../../lambdas/domain/bridge/recalibration.ts';
import { type BridgeWell, biasOf, type Line, lineOf, platesOf } from '../../lambdas/domain/bridge/wells.ts';
import { normal, type Random, seededRandom } from '../../simulation/random.ts';

interface Design {
  plates: number;
  wellsPerPlate: number;
  /** Labels are expected at intercept + slope × prediction. */
  line: Line;
  /** Standard deviations: of a well's label, and of the error that a plate's control puts on all of its labels. */
  wellNoise: number;
  plateNoise: number;
}

const IDENTITY: Line = { slope: 1, intercept: 0 };
const USUAL: Design = { plates: 5, wellsPerPlate: 24, line: IDENTITY, wellNoise: 0.07, plateNoise: 0.03 };

/** Predictions over the whole range, a compound in duplicate a dose. */
function bridgeWells({ plates, wellsPerPlate, line, wellNoise, plateNoise }: Design, random: Random): BridgeWell[] {
  return Array.from({ length: plates }, (_, p) => {
    const ofPlate = 1 + plateNoise * normal(random);
    return Array.from({ length: wellsPerPlate }, (_, w): BridgeWell => {
      const predicted = random();
      return {
        study: 's',
        plate: `P${p}`,
        well: `W${w}`,
        day: 7,
        compound: `c${w >> 1}`,
        concentration_uM: 1,
        predicted,
        label: recalibrated(line, predicted) * ofPlate + wellNoise * normal(random),
      };
    });
  }).flat();
}
const wells = (more: Partial<Design> = {}, seed = 1): BridgeWell[] =>
  bridgeWells({ ...USUAL, ...more }, seededRandom(seed));
const outcomes = ({ criteria }: BridgeJudgement) =>
  Object.fromEntries(criteria.map(({ name, outcome }) => [name, outcome]));

describe('a judgement', () => {
  it('is that a model holds which is right but for the noise of wells and controls', () => {
    const verdicts = Array.from({ length: 100 }, (_, seed) => judgeBridge(wells({}, seed)).verdict);
    expect(verdicts.filter((verdict) => verdict === 'holds').length).toBeGreaterThan(90);
    expect(verdicts).not.toContain('does not hold');
  });

  it('is that a perfect model holds, with nothing to mend', () => {
    const exact = wells({ wellNoise: 0, plateNoise: 0 });
    expect(judgeBridge(exact)).toMatchObject({ verdict: 'holds', reasons: [], wells: 120, plates: 5 });
    expect(offerRecalibration(exact)).toMatchObject({ offered: false });
  });

  it.each([
    ['reads 0.25 too high', { slope: 1, intercept: -0.25 }, 'bias'],
    ['reads 0.25 too low', { slope: 1, intercept: 0.25 }, 'bias'],
    ['is too steep', { slope: 0.5, intercept: 0.25 }, 'slope'],
    ['is too flat', { slope: 2, intercept: -0.5 }, 'slope'],
  ] as const)('is that a model does not hold which %s', (_what, line, name) => {
    const judgement = judgeBridge(wells({ line }));
    expect(judgement.verdict).toBe('does not hold');
    expect(outcomes(judgement)[name]).toBe('failed');
    expect(judgement.reasons.join()).toMatch(/lies outside/);
  });

  it('is that a blind model does not hold', () => {
    const blind = wells().map((well) => ({ ...well, predicted: 0.7 }));
    expect(judgeBridge(blind)).toMatchObject({ verdict: 'does not hold' });
    expect(judgeBridge(blind).reasons.join()).toContain('do not vary');
    const shuffled = wells().map((well, i, all) => ({
      ...well,
      predicted: all[(i * 37 + 11) % all.length]?.predicted ?? 0,
    }));
    expect(judgeBridge(shuffled).verdict).toBe('does not hold');
  });

  it.each([
    ['two plates', { plates: 2 }, '2 plates; at least 3 are needed'],
    ['few wells', { plates: 4, wellsPerPlate: 5 }, '20 wells; at least 24'],
  ])('cannot be said from %s, whatever they show', (_what, design, reason) => {
    for (const line of [IDENTITY, { slope: 1, intercept: 0.4 }]) {
      const judgement = judgeBridge(wells({ ...design, line }));
      expect(judgement.verdict).toBe('cannot be said');
      expect(judgement.reasons.join()).toContain(reason);
    }
  });

  it('cannot be said from wells that are all alive', () => {
    const alive = wells().filter(({ label }) => label > 0.7);
    const { verdict, reasons } = judgeBridge(alive);
    expect(verdict).toBe('cannot be said');
    expect(reasons.join()).toMatch(/0 wells lost half.*labels spread over/);
  });

  it('cannot be said while an interval reaches over a limit', () => {
    const judgement = judgeBridge(wells({ plates: 3, line: { slope: 1, intercept: 0.1 }, plateNoise: 0.1 }));
    expect(judgement.verdict).toBe('cannot be said');
    expect(judgement.reasons.join()).toContain('is not decided');
  });

  it('does not depend on the order of wells', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.shuffledSubarray([...Array(120).keys()], { minLength: 120 }), (seed, order) => {
        const all = wells({}, seed);
        const some = judgeBridge(order.flatMap((i) => all[i] ?? []));
        const same = judgeBridge(all);
        expect(some.verdict).toBe(same.verdict);
        for (const [i, { estimate }] of some.criteria.entries())
          expect(estimate.low).toBeCloseTo(same.criteria[i]?.estimate.low ?? Number.NaN, 9);
      }),
      { numRuns: 20 },
    );
  });
});

describe('agreement', () => {
  const pair = (predicted: number, label: number, more: Partial<BridgeWell> = {}): BridgeWell => ({
    ...{
      study: 's',
      plate: 'P',
      well: 'A01',
      day: 7,
      compound: undefined,
      concentration_uM: undefined,
      predicted,
      label,
    },
    ...more,
  });

  it('tells losses that were missed from those that were raised for nothing', () => {
    const { wells: table, doses } = agreementOf([
      pair(0.2, 0.1),
      pair(0.9, 1),
      pair(0.6, 0.4),
      pair(0.4, 0.6),
      pair(0.45, 0.8),
    ]);
    expect(table).toEqual({ n: 5, bothLoss: 1, bothNone: 1, missed: 1, raised: 2 });
    expect(doses).toBeUndefined();
  });

  it('takes medians over replicates of a dose, and no controls', () => {
    const dose = { compound: 'x', concentration_uM: 3 };
    const { doses } = agreementOf([
      pair(0.2, 0.1, dose),
      pair(0.4, 0.2, dose),
      pair(0.9, 0.1, dose),
      pair(1, 1, { compound: 'dmso', concentration_uM: 0 }),
    ]);
    expect(doses).toEqual({ n: 1, bothLoss: 1, bothNone: 0, missed: 0, raised: 0 });
  });
});

describe('intervals', () => {
  it('cover the truth as often as they say, with few plates that err as a whole', () => {
    const line = { slope: 0.8, intercept: 0.1 };
    const runs = 400;
    const covered = { slope: 0, intercept: 0, bias: 0 };
    for (let seed = 0; seed < runs; seed += 1) {
      const plates = platesOf(wells({ plates: 4, line, plateNoise: 0.08 }, seed));
      const holds = (truth: number, statistic: (some: readonly BridgeWell[]) => number): number => {
        const { low, high } = plateJackknife(plates, statistic);
        return low <= truth && truth <= high ? 1 : 0;
      };
      covered.slope += holds(line.slope, (some) => lineOf(some).slope);
      covered.intercept += holds(line.intercept, (some) => lineOf(some).intercept);
      // Predictions are uniform, so their mean is a half.
      covered.bias += holds(0.5 - recalibrated(line, 0.5), biasOf);
    }
    for (const share of Object.values(covered)) {
      expect(share / runs).toBeGreaterThan(0.92);
      expect(share / runs).toBeLessThan(0.995);
    }
  });

  it('are open where there is one plate, and never narrower than their value', () => {
    expect(plateJackknife([wells().slice(0, 5)], biasOf)).toMatchObject({ low: Number.NEGATIVE_INFINITY });
    expect(meanOfPlates([1])).toMatchObject({ value: 1, high: Number.POSITIVE_INFINITY });
    expect(meanOfPlates([1, 2, 3])).toMatchObject({
      value: 2,
      low: expect.closeTo(-0.484, 3),
      high: expect.closeTo(4.484, 3),
    });
  });
});

describe('a recalibration', () => {
  it('recovers a known line, and mends the plates left out', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.6, max: 1.6, noNaN: true }),
        fc.constantFrom(-0.3, 0.2, 0.3),
        fc.nat(10_000),
        (slope, intercept, seed) => {
          const offer = offerRecalibration(wells({ plates: 6, line: { slope, intercept }, plateNoise: 0 }, seed));
          if (!offer.offered) return;
          const { recalibration } = offer;
          // Five standard errors of 144 wells; how often the interval holds the truth is counted above.
          expect(Math.abs(recalibration.slope.value - slope)).toBeLessThan(0.1);
          expect(Math.abs(recalibration.intercept.value - intercept)).toBeLessThan(0.1);
          expect(recalibration.crossValidation.maeAfter).toBeLessThan(recalibration.crossValidation.maeBefore);
        },
      ),
    );
  });

  it('is offered for a clear shift, and the model then holds', () => {
    const offer = offerRecalibration(wells({ line: { slope: 0.8, intercept: 0.3 } }));
    expect(offer).toMatchObject({ offered: true, recalibration: { crossValidation: { verdictAfter: 'holds' } } });
  });

  it.each([0.8, 0.95])('says within what 90 %% of labels of further plates lie, at a slope of %f', (slope) => {
    const design = { line: { slope, intercept: 0.35 - slope / 2 }, wellNoise: 0.12 };
    const covered = Array.from({ length: 60 }, (_, seed) => {
      const offer = offerRecalibration(wells(design, seed));
      if (!offer.offered) return [];
      const { slope, intercept, crossValidation } = offer.recalibration;
      const line = { slope: slope.value, intercept: intercept.value };
      return wells({ ...design, plates: 20 }, 1000 + seed).map(
        ({ predicted, label }) => Math.abs(recalibrated(line, predicted) - label) <= crossValidation.residual90,
      );
    }).flat();
    expect(covered.length).toBeGreaterThan(10_000);
    expect(covered.filter(Boolean).length / covered.length).toBeCloseTo(0.9, 1);
  });

  it('is hardly ever offered for a model that is right', () => {
    const offers = Array.from({ length: 200 }, (_, seed) => offerRecalibration(wells({}, seed)).offered);
    expect(offers.filter(Boolean).length).toBeLessThan(6);
  });

  it.each([
    ['three plates', { plates: 3 }, '3 plates; at least 4'],
    ['few wells', { plates: 4, wellsPerPlate: 11 }, '44 wells; at least 48'],
    ['predictions that see nothing', { line: { slope: 0.05, intercept: 0.4 }, wellNoise: 0.3 }, 'no line mends that'],
    [
      'predictions that lie elsewhere',
      { line: { slope: 2.4, intercept: -1.2 }, plateNoise: 0 },
      'the line makes -1.20 and 1.22 of readings of 0 and 1, more than 1 away',
    ],
    [
      'noise that no line mends',
      { line: { slope: 0.8, intercept: 0.5 }, wellNoise: 0.3 },
      'on plates left out the model does not hold with the line of the others either',
    ],
  ])('is refused from %s', (_what, design, reason) => {
    const offer = offerRecalibration(wells({ line: { slope: 0.8, intercept: 0.3 }, ...design }));
    expect(offer).toMatchObject({ offered: false, reasons: [expect.stringContaining(reason)] });
  });

  it('is refused where its intervals would be wider than the scale, as the container refuses to serve them', () => {
    // Two plates of six say nothing: a third of their labels lies 1.2 away.
    const scattered = wells({ plates: 6, plateNoise: 0, wellNoise: 0.02, line: { slope: 1, intercept: -0.4 } }).map(
      (well, i) =>
        ['P0', 'P1'].includes(well.plate) && i % 3 === 1
          ? { ...well, label: well.label + 1.2 * (i % 2 ? 1 : -1) }
          : well,
    );
    expect(offerRecalibration(scattered)).toEqual({
      offered: false,
      reasons: [
        expect.stringMatching(/^90 % of labels of plates left out lie within 1\.\d\d .* more than 1: .* the scale/),
      ],
    });
  });

  it('is refused where it is worth little', () => {
    const offer = offerRecalibration(wells({ plates: 20, line: { slope: 1, intercept: 0.03 }, plateNoise: 0 }));
    expect(offer).toMatchObject({ offered: false, reasons: [expect.stringContaining('not worth a version')] });
  });
});
