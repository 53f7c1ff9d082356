/** An IC50 is reached, a limit, or not known: a level that only stands because no curve is supported limits nothing. */
import { describe, expect, it } from 'vitest';
import { panelResult } from '../../lambdas/domain/panel/reference-panel.ts';
import { aucOf, riskOf } from '../../lambdas/domain/ranking/ranking.ts';
import { studySet } from '../../lambdas/domain/ranking/reference-sets.ts';
import { type Assessment, assess } from '../../lambdas/domain/scoring/assess.ts';
import { lossAt } from '../../lambdas/domain/supported/curve.ts';
import { compoundCourse } from '../../lambdas/domain/time/compound-course.ts';
import type { Exposure } from '../../lambdas/domain/verdict/margin-of-safety.ts';
import { VERDICT_THRESHOLDS } from '../../lambdas/domain/verdict/thresholds.ts';

type Wells = Record<number, number | number[]>;

function assessed(doses: Wells, vehicle: number[], exposure: Exposure = { cmax_uM: 1 }): Assessment {
  const well = (concentration_uM: number, viability: number) => ({ scale: 'P1', concentration_uM, viability });
  return assess({
    wells: [
      ...Object.entries(doses).flatMap(([dose, values]) => [values].flat().map((value) => well(Number(dose), value))),
      ...vehicle.map((value) => well(0, value)),
    ],
    exposure,
    method: 'supported',
    thresholds: VERDICT_THRESHOLDS,
    provisional: false,
    missing: () => 'missing',
  });
}

const FEW = assessed({ 1: 1, 10: 0.5, 100: 0.05 }, [1.05, 0.95]);
const twice = (values: number[]): Wells =>
  Object.fromEntries(values.map((value, i) => [10 ** (i - 1), [value - 0.02, value + 0.02]]));
const CONTROLS = [1.05, 0.95, 1, 1.02, 0.98];

describe.each([
  ['too few wells for a curve', FEW],
  [
    'a fall that turns again',
    assessed({ 0.1: [1, 1], 1: [1, 1], 10: [0.1, 0.1], 100: [0.05, 0.05], 1000: [0.7, 0.75] }, [1, 0.9, 1.1, 1, 1, 1]),
  ],
  ['a bell', assessed(twice([1, 0.2, 0.1, 0.2, 0.9]), CONTROLS)],
])('%s', (_what, found) => {
  it('has no limit, no margin, and an unknown verdict with the fall that is seen', () => {
    expect(found.supported?.model).toBe('constant');
    expect(lossAt(found.supported, 50)).toMatchObject({ concentration_uM: null, beyond: null, censored: 'not known' });
    expect(found.margin).toBeNull();
    expect(found.verdict).toMatchObject({
      label: 'unknown',
      reason: expect.stringMatching(/^viability falls to \d+ %/),
    });
    expect(found.verdict.couldAlsoBe).toBeUndefined();
  });

  it('is last in a ranking, in no AUC, unknown in the accuracy, and no answer of the panel', () => {
    expect(riskOf(found)).toBeNull();
    const labelled = { ...found, cmax_uM: 1, dili: { label: 1 as const } };
    const auc = aucOf([labelled]);
    expect(auc).toMatchObject({ n: 0, nPositive: 0 });
    expect(auc.note).toContain('1 labelled compound without a known margin is left out');
    expect(studySet(7, [labelled], VERDICT_THRESHOLDS)).toMatchObject({ n: 0, unknown: 1 });
    expect(panelResult(found.supported, { lowest_uM: 0.1, highest_uM: 1000 }, [5, 20]).state).toBe('unknown');
  });

  it('is no onset and nothing delayed, and the course says so', () => {
    const { ic50, onset, delayed } = compoundCourse('x', [{ ...found, day: 7, provenance: { modelIdentities: [] } }]);
    expect(ic50).toMatchObject([{ day: 7, concentration_uM: null, censored: 'not known' }]);
    expect(onset).toEqual({ day: null, note: 'not known: on day 7 the wells support no dose-response' });
    expect(delayed).toBeNull();
  });
});

describe('a level that all doses share', () => {
  it('near the vehicle is a limit above', () => {
    const found = assessed(twice([1, 0.95, 1.02, 0.98, 0.97]), CONTROLS);
    expect(lossAt(found.supported, 50)).toMatchObject({ beyond: 'above highest tested' });
    expect(found.margin).toMatchObject({ relation: '>', mos: 1000 });
  });

  it('at which all doses are dead is a limit below', () => {
    const found = assessed(twice([0.05, 0.04, 0.06, 0.05, 0.03]), CONTROLS);
    expect(lossAt(found.supported, 50)).toMatchObject({ beyond: 'below lowest tested' });
    expect(found.verdict.label).toBe('strong signal');
  });

  it('at three quarters is an unknown plateau, whatever its single doses read', () => {
    const found = assessed(twice([0.76, 0.72, 0.78, 0.73, 0.74]), CONTROLS);
    expect(found.verdict).toMatchObject({
      label: 'unknown',
      reason: expect.stringContaining('the curve loses 25 % at every tested concentration'),
    });
  });

  it('is unknown where the wells are too few to tell it from a curve', () => {
    expect(assessed({ 1: 1, 10: 0.95, 100: 0.72 }, [1.3, 0.7]).verdict).toEqual({
      label: 'unknown',
      reason: '5 wells, controls included, are too few to support a dose-response',
      provisional: false,
      method: 'supported',
    });
  });
});

describe('what was tested, as a multiple of the highest published Cmax', () => {
  const flat: Wells = { 0.3: [1, 0.98], 1: [0.97, 1.01], 3: [1.02, 1], 10: [0.99, 0.96], 30: [1, 1.03] };

  it('leaves the verdict open where it is not enough', () => {
    expect(assessed(flat, CONTROLS, { cmax_uM: 1, cmaxRange_uM: [0.5, 20] }).verdict).toMatchObject({
      label: 'no loss seen up to 30 × Cmax',
      reason: 'tested only up to 1.5 × the highest published Cmax (20 µM)',
      couldAlsoBe: ['unknown'],
    });
  });

  it('changes nothing where it is', () => {
    const { verdict } = assessed(flat, CONTROLS, { cmax_uM: 1, cmaxRange_uM: [0.5, 1.2] });
    expect(verdict).toEqual({ label: 'no loss seen up to 30 × Cmax', provisional: false, method: 'supported' });
  });
});
