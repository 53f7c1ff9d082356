/** The renderer: deterministic, within its calibration, and telling viability by structure alone. */
import { describe, expect, it } from 'vitest';
import { median } from '../../lambdas/domain/statistics.ts';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { type Frame, renderWell } from '../../simulation/render/index.ts';
import { damageOf } from '../../simulation/render/spheroid.ts';

const SIDE = 384;
const ALL = [...TRAINING_MECHANISMS, UNSEEN_MECHANISM];
const draw = (mechanism: typeof UNSEEN_MECHANISM, viability: number, seed = 3): Frame =>
  renderWell({ mechanism, viability, seed, side: SIDE });

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A cell's width apart, so that soft granules count as well as sharp rings. */
const STRIDE = 5;

/** Pixels clear of the spheroid that stand out from their surroundings: what it has shed. */
function litter({ pixels, side }: Frame, diameter: number): number {
  const steps: number[] = [];
  const clear = 0.62 * diameter * side;
  for (let y = STRIDE; y < side; y += 1) {
    for (let x = STRIDE; x < side; x += 1) {
      if (Math.hypot(x - side / 2, y - side / 2) < clear) continue;
      const i = y * side + x;
      const here = pixels[i] ?? 0;
      steps.push(Math.abs(here - (pixels[i - STRIDE] ?? 0)) + Math.abs(here - (pixels[i - STRIDE * side] ?? 0)));
    }
  }
  const threshold = 6 * median(steps);
  return steps.filter((step) => step > threshold).length;
}

describe.each(ALL)('$name', (mechanism) => {
  it('gives the same pixels for the same specification, others for another seed', () => {
    expect(
      Buffer.compare(Buffer.from(draw(mechanism, 0.5).pixels.buffer), Buffer.from(draw(mechanism, 0.5).pixels.buffer)),
    ).toBe(0);
    expect(
      Buffer.compare(
        Buffer.from(draw(mechanism, 0.5).pixels.buffer),
        Buffer.from(draw(mechanism, 0.5, 4).pixels.buffer),
      ),
    ).not.toBe(0);
  });

  it('stays within its bit depth, with the background where its profile says', () => {
    const { bitDepth, background } = mechanism.microscope;
    const { pixels } = draw(mechanism, 1);
    const full = 2 ** bitDepth - 1;
    expect(pixels.reduce((highest, value) => Math.max(highest, value), 0)).toBeLessThanOrEqual(full);
    const median = [...pixels].sort((a, b) => a - b)[pixels.length >> 1] ?? 0;
    expect(median / full).toBeGreaterThan(background[0] * 0.85);
    expect(median / full).toBeLessThan(background[1] * 1.1);
  });

  it('sheds more the deader it is', () => {
    // In the middle of the frame and of known size, so that the spheroid's own rim is never taken for litter.
    const diameter = mean(mechanism.cellModel.diameter);
    const sizeChange = mean(mechanism.cellModel.sizeChange);
    const cellModel = {
      ...mechanism.cellModel,
      offCentre: 0,
      diameter: [diameter, diameter],
      sizeChange: [sizeChange, sizeChange],
    } as const;
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const at = (viability: number): number => {
      const clear = diameter * (1 + sizeChange * damageOf(viability));
      // The median: a fibre, which any well may have, outweighs all debris.
      return median(seeds.map((seed) => litter(draw({ ...mechanism, cellModel }, viability, seed), clear)));
    };
    expect(at(0)).toBeGreaterThan(1.3 * at(1.1));
  });
});

it('does not paint viability as a gray level: the mean goes up in one cell model and down in another', () => {
  const change = (mechanism: typeof UNSEEN_MECHANISM): number => {
    const level = (viability: number): number =>
      mean(
        [1, 2, 3, 4, 5, 6].map(
          (seed) => mean([...draw(mechanism, viability, seed).pixels]) / 2 ** mechanism.microscope.bitDepth,
        ),
      );
    return level(0) - level(1);
  };
  const changes = TRAINING_MECHANISMS.map(change);
  expect(Math.min(...changes)).toBeLessThan(0);
  expect(Math.max(...changes)).toBeGreaterThan(0);
});
