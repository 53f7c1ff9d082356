/** The renderer: deterministic, within its calibration, and telling viability by structure alone. */
import { describe, expect, it } from 'vitest';
import { median } from '../../lambdas/domain/statistics.ts';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { type Frame, renderWell } from '../../simulation/render/index.ts';

const SIDE = 384;
const ALL = [...TRAINING_MECHANISMS, UNSEEN_MECHANISM];
const draw = (mechanism: typeof UNSEEN_MECHANISM, viability: number, seed = 3): Frame =>
  renderWell({ mechanism, viability, seed, side: SIDE });

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Share of pixels outside the spheroid's place whose step to their neighbours stands out from the noise: what it has shed. */
function litter({ pixels, side }: Frame, diameter: number): number {
  const steps: number[] = [];
  for (let y = 1; y < side; y += 1) {
    for (let x = 1; x < side; x += 1) {
      if (Math.hypot(x - side / 2, y - side / 2) < 0.65 * diameter * side) continue;
      const i = y * side + x;
      const here = pixels[i] ?? 0;
      steps.push(Math.abs(here - (pixels[i - 1] ?? 0)) + Math.abs(here - (pixels[i - side] ?? 0)));
    }
  }
  const threshold = 4 * median(steps);
  return steps.filter((step) => step > threshold).length / steps.length;
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
    const [, diameter] = mechanism.cellModel.diameter;
    const at = (viability: number): number =>
      mean([1, 2, 3, 4, 5, 6].map((seed) => litter(draw(mechanism, viability, seed), diameter)));
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
