/** Quality on simulated wells, where it is known what there is to find. */
import { describe, expect, it } from 'vitest';
import { toEightBit } from '../../lambdas/imaging/model-input.ts';
import { assessQuality } from '../../lambdas/imaging/quality.ts';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { type Artefact, renderWell } from '../../simulation/render/index.ts';

const SIDE = 1024;

function qualityOf(mechanism: typeof UNSEEN_MECHANISM, seed: number, viability = 1, artefact?: Artefact) {
  const frame = renderWell({ mechanism, viability, seed, side: SIDE, ...(artefact ? { artefact } : {}) });
  return assessQuality(toEightBit(frame.pixels, frame.bitDepth), SIDE, SIDE, []);
}

describe.each([...TRAINING_MECHANISMS, UNSEEN_MECHANISM])('$name', (mechanism) => {
  const seeds = [1, 2, 3, 4];

  it('finds a living spheroid about where and as large as it was drawn', () => {
    for (const seed of seeds) {
      const { spheroid } = qualityOf(mechanism, seed);
      expect(spheroid.found).toBe(true);
      expect(Math.abs((spheroid.centreX ?? 0) - 0.5)).toBeLessThan(0.25);
      const [low, high] = mechanism.cellModel.diameter;
      expect(spheroid.diameterFraction).toBeGreaterThan(0.75 * low);
      expect(spheroid.diameterFraction).toBeLessThan(1.45 * high);
    }
  });

  it('flags an empty well', () => {
    for (const seed of seeds) expect(qualityOf(mechanism, seed, 1, 'empty-well').flags).toContain('no-spheroid');
  });

  it('is sharper near focus than far from it', () => {
    // Noise sets a floor, and no well is quite in focus: the typical frame must stand out, and none may be the wrong way round.
    const gains = seeds
      .map((seed) => qualityOf(mechanism, seed).focus / qualityOf(mechanism, seed, 1, 'out-of-focus').focus)
      .sort((a, b) => a - b);
    expect(gains[0]).toBeGreaterThan(1.2);
    expect(gains[Math.floor(gains.length / 2)]).toBeGreaterThan(2);
  });
});

it('flags frames that are dark, bright, saturated or padded with black', () => {
  const frame = (value: number) => assessQuality(new Uint8Array(SIDE * SIDE).fill(value), SIDE, SIDE, []).flags;
  expect(frame(3)).toContain('too-dark');
  expect(frame(255)).toEqual(expect.arrayContaining(['saturated', 'too-bright']));
  const padded = new Uint8Array(SIDE * SIDE).fill(120).fill(0, 0, SIDE * 40);
  expect(assessQuality(padded, SIDE, SIDE, []).flags).toContain('black-area');
});
