/** How well margins separate labelled compounds: areas with their intervals, and what thresholds do on reference sets. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JudgedCompound, operatingPoint, wilson } from '../../lambdas/domain/ranking/diagnostic-accuracy.ts';
import { aucOf } from '../../lambdas/domain/ranking/ranking.ts';
import { publishedSets, studySet } from '../../lambdas/domain/ranking/reference-sets.ts';
import { aucDifference, aucInterval, rocAuc } from '../../lambdas/domain/ranking/roc-auc.ts';
import { parseReference } from '../../lambdas/domain/reference.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { VERDICT_THRESHOLDS } from '../../lambdas/domain/verdict/thresholds.ts';
import { normal, seededRandom } from '../../simulation/random.ts';
import { day7, input } from './plate-study.ts';

describe('the interval of an area', () => {
  it('holds it, stays within 0 and 1, and does not shrink to a point at a perfect order', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 }), (value, n) => {
        const { low, high } = aucInterval(value, n, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }),
    );
    expect(aucInterval(1, 10, 10).low).toBeLessThan(0.9);
    expect(aucInterval(1, 100, 100).low).toBeGreaterThan(0.95);
  });

  it('and that of a difference hold the truth about as often as they say, with few compounds', () => {
    const random = seededRandom(5);
    const [separation, truth] = [1.5, 0.8556];
    let [area, difference] = [0, 0];
    const runs = 400;
    for (let run = 0; run < runs; run += 1) {
      const items = Array.from({ length: 30 }, (_, i) => {
        const label: 0 | 1 = i < 18 ? 1 : 0;
        const shared = normal(random);
        const score = () => label * separation + 0.7 * shared + Math.sqrt(1 - 0.49) * normal(random);
        return { a: score(), b: score(), label };
      });
      const found = aucInterval(rocAuc(items.map(({ a, label }) => ({ score: a, label }))) ?? 0, 18, 12);
      if (found.low <= truth && truth <= found.high) area += 1;
      const between = aucDifference(items);
      if (between && between.low <= 0 && between.high >= 0) difference += 1;
    }
    expect(area / runs).toBeGreaterThan(0.92);
    expect(difference / runs).toBeGreaterThan(0.92);
    expect(difference / runs).toBeLessThan(0.995);
  });

  it('is not there without both classes', () => {
    expect(aucDifference([{ a: 1, b: 2, label: 1 }])).toBeNull();
  });
});

describe('what an AUC shows', () => {
  const compound = (mos: number | 'inf', cmax_uM: number, label: 0 | 1) => ({
    verdict: { label: '', provisional: false, method: 'nvir' as const },
    mos,
    margin: null,
    cmax_uM,
    dili: { label },
  });
  const perfect = (n: number) =>
    Array.from({ length: n }, (_, i) => compound(i < n / 2 ? 1 + i : 1000 + i, 1 + (i % 5), i < n / 2 ? 1 : 0));

  it('is nothing where exposure does as well, and says so', () => {
    const asExposure = perfect(6).map((row) => ({ ...row, cmax_uM: 1 / Number(row.mos) }));
    expect(aucOf(asExposure).note).toMatch(/^6 labelled compounds .* cannot show a difference from exposure alone/);
  });

  it('is a difference with many, and says which is better', () => {
    const auc = aucOf(perfect(80));
    expect(auc.note).toContain('the margin separates them better');
    expect(auc.intervals.difference?.low).toBeGreaterThan(0);
    expect(
      aucOf(perfect(80).map((row) => ({ ...row, mos: row.cmax_uM, cmax_uM: 1e5 / Number(row.mos) }))).note,
    ).toContain('exposure alone separates them better');
  });

  it('says how many margins were not reached', () => {
    expect(aucOf([...perfect(6), compound('inf', 1, 0)]).note).toContain('1 margins were not reached');
  });

  it('has no area of the supported curve where there is none', () => {
    expect(aucOf(perfect(6))).toMatchObject({ mos: 1, supported: null, intervals: { supported: null } });
  });
});

describe('Wilson’s interval', () => {
  // Newcombe 1998, 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is the published one', (hits, of, low, high) => {
    expect(wilson(hits, of)?.low).toBeCloseTo(low, 4);
    expect(wilson(hits, of)?.high).toBeCloseTo(high, 4);
  });

  it('of none in none is unknown', () => expect(wilson(0, 0)).toBeNull());
});

describe('a threshold on a reference set', () => {
  const many = (count: number, label: 0 | 1, mos: number, relation: JudgedCompound['relation'] = '=') =>
    Array.from({ length: count }, () => ({ label, mos, relation }));

  it('has the rates of its table, and likelihood ratios with intervals', () => {
    const point = operatingPoint([...many(90, 1, 5), ...many(10, 1, 80), ...many(20, 0, 5), ...many(80, 0, 80)], 25);
    expect(point).toMatchObject({ n: 200, undetermined: 0, truePositives: 90, falsePositives: 20 });
    expect(point.sensitivity?.value).toBe(0.9);
    expect(point.specificity?.value).toBe(0.8);
    expect(point.likelihoodRatioPositive?.value).toBeCloseTo(4.5, 12);
    expect(point.likelihoodRatioPositive?.low).toBeCloseTo(3.024, 3);
    expect(point.likelihoodRatioPositive?.high).toBeCloseTo(6.696, 3);
    expect(point.likelihoodRatioNegative?.value).toBeCloseTo(0.125, 12);
  });

  it('counts a limit only where it decides', () => {
    const limits = [...many(1, 1, 30, '>'), ...many(1, 0, 30, '>'), ...many(1, 1, 30, '<')];
    expect(operatingPoint(limits, 25)).toMatchObject({ n: 2, undetermined: 1, falseNegatives: 1, trueNegatives: 1 });
    expect(operatingPoint(limits, 50)).toMatchObject({ n: 1, undetermined: 2, truePositives: 1 });
  });

  it('has finite ratios with an empty cell, and none without a class', () => {
    const clean = operatingPoint([...many(5, 1, 5), ...many(5, 0, 80)], 25);
    expect(Number.isFinite(clean.likelihoodRatioPositive?.high)).toBe(true);
    const positives = operatingPoint(many(5, 1, 5), 25);
    expect(positives).toMatchObject({ specificity: null, likelihoodRatioPositive: null });
  });
});

describe('reference sets', () => {
  const reference = parseReference(readFileSync(new URL('../../reference/compounds.csv', import.meta.url), 'utf8'));

  it('of published IC50s leave out blanks as unknown, and take ">" for a limit', () => {
    const sets = publishedSets(reference, VERDICT_THRESHOLDS);
    expect(sets.map(({ set }) => set)).toEqual([
      'published hLiMT IC50s of Fäs 2025',
      'published hLiMT IC50s of Proctor 2017',
    ]);
    const labelled = reference.compounds.filter(({ dili, cmax_uM }) => dili !== undefined && cmax_uM !== undefined);
    for (const { n, unknown, points } of sets) {
      expect(n + unknown).toBe(labelled.length);
      for (const point of points) expect(point.n + point.undetermined).toBe(n);
    }
    expect(reference.find('aspirin')?.publishedIc50s).toEqual([{ source: 'Fäs 2025', ic50_uM: 1105, relation: '>' }]);
    expect(reference.find('acitretin')?.publishedIc50s).toBeUndefined();
  });

  it('refuse an IC50 that is none', () => {
    const csv = 'compound,cmax_uM,hlimt_ic50_uM_proctor_2017\nx,1,lots\n';
    expect(() => parseReference(csv)).toThrow('is not a concentration');
  });

  it('of a study are its labelled compounds, with the thresholds of the study', () => {
    const scores = scoreStudy(input());
    const [own] = day7(scores)?.accuracy ?? [];
    expect(own).toMatchObject({ set: 'labelled compounds of this study, day 7', n: 2, nPositive: 1, unknown: 0 });
    expect(own?.points.map(({ mosBelow }) => mosBelow)).toEqual([10, 25, 50, 100]);
    const nvir = (mos: number | 'inf') => ({
      verdict: { label: '', provisional: false, method: 'nvir' as const },
      mos,
      margin: null,
      highestTested_uM: 30,
      cmax_uM: 1,
      dili: { label: 0 as const },
    });
    const set = studySet(7, [nvir('inf'), nvir(5)], { ...VERDICT_THRESHOLDS, strongBelow: 5.5 });
    expect(set.points.map(({ mosBelow, n }) => [mosBelow, n])).toEqual([
      [5.5, 2],
      [10, 2],
      [25, 2],
      [50, 1],
      [100, 1],
    ]);
  });
});
