/** The paper's two-parameter fit, on curves of every kind: it always ends, at the bottom of the deepest valley. */
import { describe, expect, it } from 'vitest';
import { type DosePoint, fitDoseResponse } from '../../lambdas/domain/dose-response/dose-response.ts';
import { normal, type Random, seededRandom } from '../../simulation/random.ts';

const sumOfSquares = (points: readonly DosePoint[], lnIc50: number, hill: number): number =>
  points.reduce(
    (sum, { concentration_uM, viability }) =>
      sum + (viability - 1 / (1 + Math.exp(hill * (Math.log(concentration_uM) - lnIc50)))) ** 2,
    0,
  );

const KINDS: Record<string, (at: number, sigmoid: number, random: Random) => number> = {
  noisy: (_, v, random) => v + 0.1 * normal(random),
  exact: (_, v) => v,
  flat: (_, _v, random) => 1.05 + 0.1 * normal(random),
  step: (at) => (at < 0.4 ? 1 : 0),
  bell: (at, _, random) => 1 - 0.8 * Math.exp(-20 * (at - 0.5) ** 2) + 0.05 * normal(random),
  'all dead': (_, _v, random) => 0.03 + 0.03 * normal(random),
  'a plateau': (_, v, random) => 0.4 + 0.6 * v + 0.05 * normal(random),
  rising: (_, v, random) => 1 - 0.7 * v + 0.1 * normal(random),
  'without sense': (_, _v, random) => 1.5 * random(),
};

function drawn(kind: string, seed: number): DosePoint[] {
  const random = seededRandom(seed);
  const doses = 3 + Math.floor(9 * random());
  const [lowest_uM, step] = [10 ** (5 * random() - 3), 1.3 + 4 * random()];
  const [middle, hill] = [lowest_uM * step ** (doses * random()), 0.3 + 6 * random() ** 2];
  return Array.from({ length: doses }, (_, i) => {
    const concentration_uM = lowest_uM * step ** i;
    const sigmoid = 1 / (1 + (concentration_uM / middle) ** hill);
    return { concentration_uM, viability: KINDS[kind]?.(i / (doses - 1), sigmoid, random) ?? 0 };
  });
}

const fitted = (points: readonly DosePoint[]) => {
  const fit = fitDoseResponse(points);
  if (!fit) throw new Error('no fit');
  return fit;
};

/** Every steepness, and middles from far below the doses to far above them. */
function* denseGrid(points: readonly DosePoint[]): Generator<[lnIc50: number, hill: number]> {
  const x = points.map(({ concentration_uM }) => Math.log(concentration_uM));
  const [low, high] = [Math.min(...x) - 12, Math.max(...x) + 12];
  for (let i = 0; i <= 120; i += 1)
    for (let j = 0; j <= 40; j += 1) yield [low + ((high - low) * i) / 120, 10 ** (-2 + j / 10)];
}

describe.each(Object.keys(KINDS))('on a curve that is %s', (kind) => {
  it('no point of a dense grid has a smaller sum of squares', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const points = drawn(kind, seed);
      let least = Number.POSITIVE_INFINITY;
      for (const [lnIc50, hill] of denseGrid(points)) least = Math.min(least, sumOfSquares(points, lnIc50, hill));
      expect(fitted(points).sse).toBeLessThanOrEqual(least * (1 + 1e-6) + 1e-13);
    }
  });

  it('the sum of squares is that of the curve that is given', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const points = drawn(kind, seed);
      const { ic50_uM, hill, sse } = fitted(points);
      expect(sumOfSquares(points, Math.log(ic50_uM), hill)).toBeCloseTo(sse, 9);
    }
  });

  it('neither the order of the doses nor their unit matters', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const points = drawn(kind, seed);
      const { sse, ic50_uM } = fitted(points);
      expect(fitted(points.toReversed()).sse).toBeCloseTo(sse, 12);
      const inNanomolar = points.map((point) => ({ ...point, concentration_uM: 1000 * point.concentration_uM }));
      const other = fitted(inNanomolar);
      expect(other.sse).toBeCloseTo(sse, 12);
      if (kind === 'noisy' || kind === 'exact') expect(Math.log(other.ic50_uM / ic50_uM / 1000)).toBeCloseTo(0, 6);
    }
  });
});

it('finds an exact curve to ten digits', () => {
  const points = [0.1, 1, 10, 100].map((concentration_uM) => ({
    concentration_uM,
    viability: 1 / (1 + (concentration_uM / 7) ** 1.4),
  }));
  const { ic50_uM, hill, r2 } = fitted(points);
  expect(ic50_uM).toBeCloseTo(7, 10);
  expect(hill).toBeCloseTo(1.4, 10);
  expect(r2).toBeCloseTo(1, 12);
});

it('has no fit below three concentrations', () => {
  const two = [1, 1, 10].map((concentration_uM) => ({ concentration_uM, viability: 0.5 }));
  expect(fitDoseResponse(two)).toBeNull();
  expect(fitDoseResponse([...two, { concentration_uM: 0, viability: 1 }])).toBeNull();
});
