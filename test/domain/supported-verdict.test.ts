/** The default verdict: labels with their intervals, limits that are never numbers, and what is left unknown. */
import { describe, expect, it } from 'vitest';
import { analyseCurve } from '../../lambdas/domain/curves/analyse.ts';
import { ANALYSED_LEVELS } from '../../lambdas/domain/curves/intervals.ts';
import { type SupportedCurve, supportedCurve, supportedViability } from '../../lambdas/domain/supported/curve.ts';
import { supportedVerdict } from '../../lambdas/domain/supported/verdict.ts';
import type { Exposure } from '../../lambdas/domain/verdict/margin-of-safety.ts';
import { marginOf, rankedMargin } from '../../lambdas/domain/verdict/margin-of-safety.ts';
import { thresholdsOf, VERDICT_THRESHOLDS } from '../../lambdas/domain/verdict/thresholds.ts';
import { NOT_COVERED, statementOf } from '../../lambdas/domain/verdict/verdict-statement.ts';
import { plateOfCurve, USUAL_DESIGN } from '../../simulation/curve-plate.ts';
import { seededRandom } from '../../simulation/random.ts';

const TESTED = { lowest_uM: 0.1, highest_uM: 300 };
type Level = (typeof ANALYSED_LEVELS)[number];
type At = number | 'above' | 'below';

/** A curve of which only what the verdict reads is given: where each loss lies, and the interval of the IC50. */
function curve(at: Partial<Record<Level, At>>, ends: [number | null, number | null] = [null, null]): SupportedCurve {
  return {
    model: '2PL',
    curve: { upper: 1, lower: 0, middle_uM: 1, hill: 1 },
    aicc: { constant: 0, '2PL': -1 },
    noise: 0.1,
    wells: 30,
    vehicleWells: 6,
    losses: ANALYSED_LEVELS.map((level) => {
      const value = at[level] ?? 'above';
      return {
        level,
        concentration_uM: typeof value === 'number' ? value : null,
        beyond: value === 'above' ? 'above highest tested' : value === 'below' ? 'below lowest tested' : null,
        low_uM: level === 50 ? ends[0] : null,
        high_uM: level === 50 ? ends[1] : null,
      };
    }),
  };
}

const points = (lowest = 1) =>
  [TESTED.lowest_uM, 10, TESTED.highest_uM].map((concentration_uM, i) => ({
    concentration_uM,
    viability: i === 2 ? lowest : 1,
  }));

function said(
  supported: SupportedCurve | null,
  exposure: Exposure = { cmax_uM: 1 },
  lowest = 1,
  sharedHalfWidth95?: number,
) {
  return supportedVerdict({
    points: points(lowest),
    supported,
    sharedHalfWidth95,
    margin: marginOf(supported, TESTED, exposure),
    exposure,
    provisional: false,
    thresholds: VERDICT_THRESHOLDS,
  });
}

describe('an IC50 within the tested doses', () => {
  it.each<[number, [number, number], string, string[] | undefined]>([
    [5, [4, 6], 'strong signal', undefined],
    [9, [7, 12], 'strong signal', ['signal']],
    [30, [20, 45], 'signal', undefined],
    [30, [8, 60], 'signal', ['strong signal', 'weak signal']],
    [60, [51, 80], 'weak signal', undefined],
    [60, [49, 80], 'weak signal', ['signal']],
  ])('of %d with %j is a %s', (ic50, ends, label, couldAlsoBe) => {
    const verdict = said(curve({ 50: ic50 }, ends));
    expect(verdict).toMatchObject({ label, method: 'supported' });
    expect(verdict.couldAlsoBe).toEqual(couldAlsoBe);
  });

  it('could be more than its own interval says when Cmax is uncertain', () => {
    const exposure = { cmax_uM: 1, cmaxRange_uM: [0.5, 4] as const };
    expect(said(curve({ 50: 30 }, [28, 33]), exposure)).toMatchObject({
      label: 'signal',
      couldAlsoBe: ['strong signal', 'weak signal'],
    });
  });

  it('whose interval is open above could be a weaker signal, and says so', () => {
    expect(said(curve({ 50: 5 }, [3, null]))).toMatchObject({
      label: 'strong signal',
      couldAlsoBe: ['signal', 'weak signal'],
      reason: expect.stringContaining('open above'),
    });
  });
});

describe('an IC50 outside the tested doses', () => {
  it('below them keeps the cautious label, and names what the limit leaves open', () => {
    const dead = curve({ 50: 'below' }, [null, 0.09]);
    expect(said(dead, { cmax_uM: 1 })).toMatchObject({
      label: 'strong signal',
      reason: expect.stringContaining('only known to be below 0.1'),
    });
    expect(said(dead, { cmax_uM: 1 }).couldAlsoBe).toBeUndefined();
    expect(said(dead, { cmax_uM: 0.001 }).couldAlsoBe).toEqual(['signal', 'weak signal']);
  });

  it('above them, with a loss, is a weak signal only where every larger margin is one', () => {
    const partial = curve({ 10: 50, 20: 200 }, [310, null]);
    expect(said(partial, { cmax_uM: 1 }, 0.78)).toMatchObject({
      label: 'weak signal',
      reason: expect.stringMatching(/the curve loses 20 % at 200 µM.*known to be above 300$/),
    });
    expect(said(partial, { cmax_uM: 10 }, 0.78)).toMatchObject({
      label: 'unknown',
      couldAlsoBe: ['signal', 'weak signal'],
    });
    expect(said(partial, { cmax_uM: 100 }, 0.78)).toMatchObject({
      label: 'unknown',
      couldAlsoBe: ['strong signal', 'signal', 'weak signal'],
    });
  });

  it.each([
    [12, 'no loss seen up to 25 × Cmax'],
    [12.1, 'unknown'],
  ])('above them, without a loss, at a Cmax of %d is "%s"', (cmax_uM, label) => {
    expect(said(curve({}), { cmax_uM }).label).toBe(label);
  });

  it('that the interval reaches is not excluded where no loss is seen', () => {
    expect(said(curve({}, [40, null]), { cmax_uM: 1 }).couldAlsoBe).toEqual(['signal', 'weak signal']);
  });

  describe('without a loss that is seen', () => {
    /** No loss within the tested doses; the interval of the IC20 begins at `low`, of the IC50 above them. */
    const unseen = (low: number | null): SupportedCurve => {
      const found = curve({}, [310, null]);
      return {
        ...found,
        losses: found.losses.map((loss) => (loss.level === 20 ? { ...loss, low_uM: low } : loss)),
      };
    };
    const flat = (upper: number): SupportedCurve => ({
      ...curve({}),
      model: 'constant',
      curve: { upper, lower: 0, middle_uM: null, hill: 1 },
    });

    it('could be what a loss would be called, where the interval of the IC20 begins within the tested doses', () => {
      expect(said(unseen(40))).toMatchObject({
        label: 'no loss seen up to 300 × Cmax',
        couldAlsoBe: ['weak signal'],
        reason: 'a loss of 20 % is not excluded from 40 µM on',
      });
      expect(said(unseen(null)).reason).toBe('a loss of 20 % is not excluded at any tested concentration');
      expect([...(said(unseen(40), { cmax_uM: 10 }).couldAlsoBe ?? [])].sort()).toEqual([
        'signal',
        'unknown',
        'weak signal',
      ]);
    });

    it('excludes a loss where that interval begins above them', () => {
      expect(said(unseen(301))).not.toHaveProperty('couldAlsoBe');
      expect(said(unseen(301))).not.toHaveProperty('reason');
    });

    it('could be it where a level that no dose changes may be read too high by all that the model may misread', () => {
      expect(said(flat(0.9), { cmax_uM: 1 }, 0.9, 0.11)).toMatchObject({
        label: 'no loss seen up to 300 × Cmax',
        couldAlsoBe: ['weak signal'],
        reason: expect.stringContaining(
          'a loss of 20 % is not excluded: the model may read a level of 0.90 by 0.11 too high, in all wells alike',
        ),
      });
      for (const error of [undefined, 0, 0.09])
        expect(said(flat(0.9), { cmax_uM: 1 }, 0.9, error)).not.toHaveProperty('couldAlsoBe');
    });
  });

  it.each<[string, At, string, string[]]>([
    ['below', 'below', 'strong signal', ['signal', 'weak signal']],
    ['above', 'above', 'no loss seen up to 300 × Cmax', ['strong signal', 'signal', 'weak signal']],
  ])('%s them, with an interval that is open on both sides, excludes nothing', (_what, at, label, couldAlsoBe) => {
    expect(said(curve({ 50: at }), { cmax_uM: 1 })).toMatchObject({ label, couldAlsoBe });
  });

  it('above them, with a loss, could be more where the highest published Cmax is far above the one used', () => {
    const partial = curve({ 10: 50, 20: 200 }, [310, null]);
    const exposure = { cmax_uM: 1, cmaxRange_uM: [0.5, 20] as const };
    const verdict = said(partial, exposure, 0.78);
    expect(verdict).toMatchObject({
      label: 'weak signal',
      reason: expect.stringMatching(/known to be above 300, 15 with the highest published Cmax \(20 µM\)$/),
    });
    expect([...(verdict.couldAlsoBe ?? [])].sort()).toEqual(['signal', 'unknown']);
  });

  it.each([
    ['a bell', 0.2],
    ['a low dose', 0.69],
  ])('and %s at one dose is unknown', (_what, lowest) => {
    expect(said({ ...curve({}), model: 'constant' }, { cmax_uM: 1 }, lowest)).toMatchObject({
      label: 'unknown',
      reason: expect.stringContaining('the wells support no dose-response with an IC50'),
    });
  });

  it('of a plateau that no dose changes is unknown', () => {
    const flat = { upper: 0.75, lower: 0, middle_uM: null, hill: 1 };
    const plateau = { ...curve({}), model: 'constant', curve: flat } as const;
    expect(said(plateau, { cmax_uM: 1 }, 0.75)).toMatchObject({
      label: 'unknown',
      reason: expect.stringContaining('the curve loses 25 % at every tested concentration'),
    });
  });
});

it('is unknown without a Cmax or a curve', () => {
  expect(said(curve({ 50: 5 }, [4, 6]), {}).label).toBe('unknown');
  expect(said(null)).toMatchObject({ label: 'unknown', reason: expect.stringContaining('too few wells') });
});

it('follows the study’s own thresholds', () => {
  const supported = curve({ 50: 15 }, [14, 16]);
  const exposure = { cmax_uM: 1 };
  const verdict = supportedVerdict({
    points: points(),
    supported,
    margin: marginOf(supported, TESTED, exposure),
    exposure,
    provisional: false,
    thresholds: thresholdsOf({ strongBelow: 20 }),
  });
  expect(verdict.label).toBe('strong signal');
});

describe('a margin of safety', () => {
  const range = { cmax_uM: 2, cmaxRange_uM: [1, 4] as const };

  it('carries the interval of the curve, and beside it the outer bounds with the range of Cmax', () => {
    expect(marginOf(curve({ 50: 20 }, [10, 40]), TESTED, range)).toEqual({
      relation: '=',
      mos: 10,
      low: 5,
      high: 20,
      lowWithCmax: 2.5,
      highWithCmax: 40,
    });
  });

  it('on free Cmax is larger by the fraction unbound', () => {
    const margin = marginOf(curve({ 50: 20 }, [10, null]), TESTED, { ...range, fractionUnbound: 0.1 });
    expect(margin?.free).toEqual({
      fractionUnbound: 0.1,
      mos: 100,
      low: 50,
      high: null,
      lowWithCmax: 25,
      highWithCmax: null,
    });
  });

  it('that was not reached is a limit, and infinite only in a ranking', () => {
    expect(marginOf(curve({}), TESTED, range)).toMatchObject({ relation: '>', mos: 150, low: null });
    expect(rankedMargin(marginOf(curve({}), TESTED, range))).toBe('inf');
    expect(marginOf(curve({ 50: 'below' }), TESTED, range)).toMatchObject({ relation: '<', mos: 0.05 });
    expect(rankedMargin(marginOf(curve({ 50: 'below' }), TESTED, range))).toBe(0.05);
    expect(marginOf(curve({ 50: 20 }), TESTED, {})).toBeNull();
  });
});

describe('the sentence of a verdict', () => {
  it('names day, donor, interval, what else is possible, and what it does not cover', () => {
    const supported = curve({ 50: 9 }, [7, 12]);
    const exposure = { cmax_uM: 1, cmaxRange_uM: [1, 2] as const };
    const margin = marginOf(supported, TESTED, exposure);
    const verdict = said(supported, exposure);
    const sentence = statementOf({ day: 7, donor: 'HH-1', verdict, margin, mos: 9, supported });
    expect(sentence).toBe(
      `Day 7, donor HH-1: strong signal. Margin of safety 9 (95 % interval 7 to 12 by the curve; 3.5 to 12 with the published range of Cmax). The interval does not exclude: signal. ${NOT_COVERED}`,
    );
  });

  it('says a limit as a limit', () => {
    const supported: SupportedCurve = { ...curve({}), model: 'constant' };
    const margin = marginOf(supported, TESTED, { cmax_uM: 1 });
    const sentence = statementOf({ day: 7, verdict: said(supported), margin, mos: 'inf', supported });
    expect(sentence).toContain('donor not given: no loss seen up to 300 × Cmax.');
    expect(sentence).toContain('Margin of safety > 300 (no interval).');
    expect(sentence).not.toMatch(/\bsafe\b/);
    const hidden = said({ ...supported, curve: { ...supported.curve, upper: 0.9 } }, { cmax_uM: 1 }, 0.9, 0.2);
    expect(statementOf({ day: 7, verdict: hidden, margin, mos: 'inf', supported })).toContain(
      ' (no interval). Not excluded: weak signal. ',
    );
  });
});

describe('the curve as it is stored', () => {
  const wells = plateOfCurve({ upper: 1, lower: 0, middle_uM: 8, hill: 1.3 }, USUAL_DESIGN, seededRandom(3));

  it('says what analyseCurve says, in numbers that JSON can hold', () => {
    const stored = supportedCurve(wells);
    expect(stored?.model).toBe(analyseCurve(wells)?.model);
    expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
    expect(supportedViability(stored ?? curve({}), stored?.curve.middle_uM ?? 0)).toBeCloseTo(
      ((stored?.curve.upper ?? 0) + (stored?.curve.lower ?? 0)) / 2,
      9,
    );
  });

  it('censors what lies outside the tested doses, in words', () => {
    const flat = supportedCurve(
      plateOfCurve({ upper: 1, lower: 0, middle_uM: 1e9, hill: 1 }, USUAL_DESIGN, seededRandom(4)),
    );
    expect(flat?.losses.at(-1)).toMatchObject({ concentration_uM: null, censored: '> 316 µM (highest tested)' });
    const dead = supportedCurve(
      plateOfCurve({ upper: 0.02, lower: 0, middle_uM: 1e9, hill: 1 }, USUAL_DESIGN, seededRandom(4)),
    );
    expect(dead?.losses[0]).toMatchObject({ concentration_uM: null, censored: '< 0.1 µM (lowest tested)' });
  });

  it('does not depend on the order of wells, to the last digit', () => {
    expect(supportedCurve([...wells].reverse())).toEqual(supportedCurve(wells));
  });
});
