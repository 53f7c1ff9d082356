/** Section 3 of the method against the paper's own code, on its terms. */
import { describe, expect, it } from 'vitest';
import { fitDoseResponse } from '../../lambdas/domain/dose-response/dose-response.ts';
import { censoredIcx, LOSS_LEVELS } from '../../lambdas/domain/dose-response/icx.ts';
import { rocAuc } from '../../lambdas/domain/ranking/roc-auc.ts';
import { analyseTable } from '../../lambdas/domain/scoring/analyse-table.ts';
import { marginOfSafety, rankable } from '../../lambdas/domain/verdict/margin-of-safety.ts';
import { COMPOUNDS, normalisedPoints, PUBLISHED, READINGS } from './parity.ts';

/** The paper's method alone, on which its results are judged. */
const NVIR = { method: 'nvir', withSupported: false } as const;

const sumOfSquares = (points: ReturnType<typeof normalisedPoints>, ic50: number, hill: number): number =>
  points.reduce(
    (sum, { concentration_uM, viability }) => sum + (viability - 1 / (1 + (concentration_uM / ic50) ** hill)) ** 2,
    0,
  );

const curves = PUBLISHED.map((published) => {
  const points = normalisedPoints(published.day, published.compound);
  const fit = fitDoseResponse(points);
  if (!fit) throw new Error(`no fit for ${published.compound}`);
  return { published, points, fit, theirSse: sumOfSquares(points, published.ic50, published.hill_coeff) };
});

describe('the published dose-response results', () => {
  it('covers 24 drugs on 3 days', () => expect(curves).toHaveLength(72));

  it('never has a larger sum of squares than the paper’s optimiser', () => {
    const worse = curves.filter(({ fit, theirSse }) => fit.sse > theirSse * (1 + 1e-6) + 1e-15);
    expect(worse.map(({ published }) => `${published.compound} day ${published.day}`)).toEqual([]);
  });

  // A curve that falls from one dose to the next fits equally well with any steeper slope: its IC50 lies anywhere between the two.
  const identifiable = curves.filter(
    ({ published, fit, theirSse }) =>
      published.r_squared > 0.5 && Math.abs(fit.sse - theirSse) <= 1e-9 * theirSse && published.hill_coeff < 20,
  );

  it('agrees in IC50 to 1e-3 log10 where the fit is good and the sums agree', () => {
    expect(identifiable.length).toBeGreaterThan(40);
    for (const { published, fit } of identifiable)
      expect(Math.abs(Math.log10(fit.ic50_uM / published.ic50)), published.compound).toBeLessThan(1e-3);
  });

  it('agrees in what is censored and what is not', () => {
    for (const { published, fit, points } of identifiable) {
      const icx = censoredIcx(fit, Math.max(...points.map((point) => point.concentration_uM)));
      for (const level of LOSS_LEVELS) {
        const theirs = published[`ic${level}_censored`];
        const ours = icx[`ic${level}_uM`];
        expect(ours === 'inf', `${published.compound} ic${level}`).toBe(!Number.isFinite(theirs));
        if (ours !== 'inf') expect(Math.abs(Math.log10(ours / theirs))).toBeLessThan(1e-3);
      }
    }
  });
});

describe('ROC AUC', () => {
  it('is the paper’s on the paper’s own margins of safety at day 7', () => {
    const items = PUBLISHED.filter((row) => row.day === 7).map(({ ic50_censored, cmax, binary_label }) => {
      const mos = marginOfSafety(Number.isFinite(ic50_censored) ? ic50_censored : 'inf', cmax);
      return { score: -rankable(mos), label: binary_label };
    });
    expect(rocAuc(items)).toBe(0.9722222222222222);
  });

  it('differs with a better optimiser, because IC50s of flat curves are not identifiable', () => {
    const control = (compound: string) =>
      compound === 'dmso' ? 'vehicle' : compound === 'medium' ? 'untreated' : undefined;
    const { auc } = analyseTable(READINGS, (compound) => COMPOUNDS.get(compound), control, NVIR);
    const day7 = auc.find((row) => row.day === 7);
    expect(day7?.n).toBe(24);
    expect(day7?.mos).toBeCloseTo(0.9815, 3);
    expect(day7?.exposureOnly).toBeGreaterThan(0.8);
  });
});

it('normalises a plate without vehicle wells by the pooled ones of its day', () => {
  const withVehicle = new Set(READINGS.filter((row) => row.compound === 'dmso').map((row) => row.plate));
  const without = [...new Set(READINGS.map((row) => row.plate))].filter((plate) => !withVehicle.has(plate));
  expect(without).toHaveLength(1);
  const compound = READINGS.find((row) => row.plate === without[0] && COMPOUNDS.has(row.compound))?.compound ?? '';
  const control = (name: string) => (name === 'dmso' ? 'vehicle' : name === 'medium' ? 'untreated' : undefined);
  const ours = analyseTable(READINGS, (name) => COMPOUNDS.get(name), control, NVIR).curves.find(
    (curve) => curve.compound === compound && curve.day === 7,
  );
  const byHand = fitDoseResponse(normalisedPoints(7, compound));
  expect(ours?.fit?.ic50_uM).toBe(byHand?.ic50_uM);
});

describe('"no loss seen"', () => {
  const control = (name: string) => (name === 'dmso' ? 'vehicle' : name === 'medium' ? 'untreated' : undefined);
  const { curves: analysed } = analyseTable(READINGS, (compound) => COMPOUNDS.get(compound), control, NVIR);
  const said = analysed.filter(({ verdict }) => verdict.label.startsWith('no loss seen'));

  it('is said of 11 curves, none of which loses 30 % at a dose or 20 % by its fit', () => {
    expect(said).toHaveLength(11);
    for (const { compound, day, icx_uM } of said) {
      const points = normalisedPoints(day, compound);
      const highest = Math.max(...points.map(({ concentration_uM }) => concentration_uM));
      expect(Math.min(...points.map(({ viability }) => viability))).toBeGreaterThanOrEqual(0.7);
      expect(icx_uM?.ic20_uM === 'inf' || (icx_uM?.ic20_uM ?? 0) > highest).toBe(true);
    }
  });

  it('names the loss of 10 % that two of the fits reach within the tested doses', () => {
    expect(
      said.flatMap(({ compound, day, verdict }) => (verdict.reason ? [[compound, day, verdict.reason]] : [])),
    ).toEqual([
      ['levofloxacin', 3, 'the fit loses 10 % at 51.8 µM, which is within the scatter of controls'],
      ['phenoxybenzamine', 5, 'the fit loses 10 % at 11.1 µM, which is within the scatter of controls'],
    ]);
  });
});
