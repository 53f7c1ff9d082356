/** What is said of a compound by the paper's fit: at the edges of the thresholds, and of curves that the fit does not describe. */
import { describe, expect, it } from 'vitest';
import { type DosePoint, fitDoseResponse } from '../../lambdas/domain/dose-response/dose-response.ts';
import { censoredIcx, type IcxTable, LOSS_LEVELS } from '../../lambdas/domain/dose-response/icx.ts';
import { verdictOf } from '../../lambdas/domain/verdict/verdict.ts';

const DOSES = [0.1, 0.3, 1, 3, 10, 30, 100, 300];
const flat = (highest_uM: number, viability = 1): DosePoint[] =>
  [highest_uM / 1e5, highest_uM / 10, highest_uM].map((concentration_uM) => ({ concentration_uM, viability }));
const curve = (viabilities: readonly number[]): DosePoint[] =>
  DOSES.map((concentration_uM, i) => ({ concentration_uM, viability: viabilities[i] ?? Number.NaN }));

function icx(over: Partial<IcxTable>): IcxTable {
  const nothing = LOSS_LEVELS.map((level) => [`ic${level}_uM`, 'inf'] as const);
  return { ...(Object.fromEntries(nothing) as IcxTable), ...over };
}

const said = (points: readonly DosePoint[], icx_uM: IcxTable | null, cmax_uM: number | undefined = 1) =>
  verdictOf({ points, icx_uM, cmax_uM, provisional: false });

/** As scoring does it: by the fit on the points. */
function ofCurve(viabilities: readonly number[], cmax_uM = 1) {
  const points = curve(viabilities);
  const fit = fitDoseResponse(points);
  return said(points, fit && censoredIcx(fit, 300), cmax_uM);
}

describe('a margin of safety', () => {
  it.each([
    [0.02, 'strong signal'],
    [9.99, 'strong signal'],
    [10, 'signal'],
    [50, 'signal'],
    [50.01, 'weak signal'],
    [1000, 'weak signal'],
  ])('of %d is a %s', (ic50_uM, label) => {
    expect(said(flat(1000, 0.5), icx({ ic50_uM }))).toEqual({ label, provisional: false, method: 'nvir' });
  });

  it('is judged by the quotient, not by its last binary digit', () => {
    expect(0.21 / 0.021).toBeLessThan(10);
    expect(said(flat(1, 0.5), icx({ ic50_uM: 0.21 }), 0.021).label).toBe('signal');
  });

  it('is not there without a Cmax or a fit', () => {
    for (const [icx_uM, cmax_uM] of [
      [icx({}), undefined],
      [null, 1],
    ] as const)
      expect(verdictOf({ points: flat(100), icx_uM, cmax_uM, provisional: true, missing: 'why' })).toEqual({
        label: 'unknown',
        reason: 'why',
        provisional: true,
        method: 'nvir',
      });
  });
});

describe('no loss', () => {
  it.each([
    [24.9, 'unknown'],
    [25, 'no loss seen up to 25 × Cmax'],
    [100.4, 'no loss seen up to 100 × Cmax'],
  ])('tested up to %d × Cmax is "%s"', (highest_uM, label) => {
    expect(said(flat(highest_uM), icx({})).label).toBe(label);
  });

  it('tested up to 25 × Cmax is seen where 0.175 / 0.007 is 24.999999999999996', () => {
    expect(said(flat(0.175), icx({}), 0.007).label).toBe('no loss seen up to 25 × Cmax');
  });

  it('that is unknown says how far it was tested, and how far is enough', () => {
    expect(said(flat(24.9), icx({})).reason).toBe(
      'no loss seen, but tested only up to 24 × Cmax; at least 25 × is needed to say so',
    );
    expect(said(flat(1.5), icx({})).reason).toContain('only up to 1.5 × Cmax');
  });

  it('counts no well without compound as tested', () => {
    expect(said([{ concentration_uM: 0, viability: 0.1 }, ...flat(100)], icx({})).label).toContain('no loss seen');
  });

  it.each([
    [0.7, 'no loss seen up to 100 × Cmax'],
    [0.69, 'unknown'],
  ])('with a dose median of %d is "%s"', (viability, label) => {
    expect(said([{ concentration_uM: 3, viability }, ...flat(100)], icx({})).label).toBe(label);
  });

  it.each([
    [{ ic20_uM: 100 }, 'unknown', 'the fit loses 20 % at 100 µM, but no IC50 follows from the fit'],
    [
      { ic10_uM: 1, ic20_uM: 100, ic30_uM: 101 },
      'unknown',
      'the fit loses 20 % at 100 µM, but no IC50 follows from the fit',
    ],
    [
      { ic20_uM: 1e-9 },
      'unknown',
      'the fit loses 20 % at every tested concentration, but no IC50 follows from the fit',
    ],
    [{ ic20_uM: 100.1 }, 'no loss seen up to 100 × Cmax', undefined],
    [
      { ic10_uM: 51.767, ic15_uM: 99 },
      'no loss seen up to 100 × Cmax',
      'the fit loses 15 % at 99 µM, which is within the scatter of controls',
    ],
  ])('beside a fit with %j is "%s"', (over, label, reason) => {
    expect(said(flat(100), icx(over))).toEqual({
      label,
      provisional: false,
      method: 'nvir',
      ...(reason && { reason }),
    });
  });
});

describe('a loss that has no IC50 is unknown, with what was measured', () => {
  it.each([
    ['a bell', [1, 1, 0.3, 0.2, 0.3, 1, 1, 1], 'viability falls to 20 % at 3 µM'],
    ['a plateau', [0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6], 'viability falls to 60 % at 0.1 µM'],
    ['about half everywhere', [0.55, 0.54, 0.56, 0.55, 0.54, 0.56, 0.55, 0.55], 'viability falls to 54 % at 0.3 µM'],
    ['precipitate', [1, 0.9, 0.6, 0.3, 0.2, 0.6, 0.9, 1], 'viability falls to 20 % at 10 µM'],
    ['the lowest dose only', [0.1, 1, 1, 1, 1, 1, 1, 1], 'viability falls to 10 % at 0.1 µM'],
    ['a high plateau', [0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75], 'the fit loses 25 % at 5.45 µM'],
  ])('%s', (_what, viabilities, reason) => {
    expect(ofCurve(viabilities)).toEqual({
      label: 'unknown',
      reason: `${reason}, but no IC50 follows from the fit`,
      provisional: false,
      method: 'nvir',
    });
  });

  it('and the scatter of controls is none', () => {
    expect(ofCurve([1.1, 0.95, 0.88, 1.04, 0.92, 1.07, 0.9, 1.02]).label).toBe('no loss seen up to 300 × Cmax');
  });
});

describe('an IC50 outside the tested doses', () => {
  it('above them is said to be extrapolated', () => {
    expect(said(flat(100, 0.8), icx({ ic50_uM: 300 }))).toEqual({
      label: 'weak signal',
      reason: 'its IC50 is extrapolated beyond the highest tested concentration (100 µM)',
      provisional: false,
      method: 'nvir',
    });
  });

  it('at the edges is none', () => {
    for (const ic50_uM of [0.01, 1000]) expect(said(flat(1000, 0.5), icx({ ic50_uM })).reason).toBeUndefined();
  });

  it('above them does not hide a lower dose that kills', () => {
    const points = [...flat(100, 0.9), { concentration_uM: 3, viability: 0.2 }];
    expect(said(points, icx({ ic50_uM: 300 })).reason).toContain('although viability falls to 20 % at 3 µM');
  });

  it.each([
    [1, 'below 0.1'],
    [0.001, 'below 100'],
  ])(
    'below them, at a Cmax of %d µM, keeps the cautious label and says that the margin is only known to be %s',
    (cmax_uM, limit) => {
      const verdict = ofCurve([0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02], cmax_uM);
      expect(verdict).toEqual({
        label: 'strong signal',
        reason: `its IC50 is < the lowest tested concentration (0.1 µM): its margin of safety is only known to be ${limit}`,
        provisional: false,
        method: 'nvir',
      });
    },
  );
});
