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

describe('drawn frames', () => {
  const BACKGROUND = 160;
  const side = 400;
  type Draw = (x: number, y: number) => number | undefined;
  /** Light noise, so that nothing is as even as software draws. */
  function flagsOf(...drawings: Draw[]): string[] {
    let state = 1;
    const pixels = Uint8Array.from({ length: side * side }, (_, i) => {
      state = (state * 48271) % 2147483647;
      const noise = (state % 5) - 2;
      const found = drawings
        .map((draw) => draw(i % side, Math.floor(i / side)))
        .findLast((value) => value !== undefined);
      return Math.max(0, (found ?? BACKGROUND) + noise);
    });
    return assessQuality(pixels, side, side, []).flags;
  }
  const disc =
    (cx: number, cy: number, radius: number, gray = 50): Draw =>
    (x, y) =>
      Math.hypot(x - cx, y - cy) < radius ? gray : undefined;
  const spheroid = disc(200, 200, 50);

  it('with one round spheroid have no flag', () => {
    expect(flagsOf(spheroid)).toEqual([]);
  });

  it.each<[string, string, Draw]>([
    ['several-spheroids', 'a second one beside it', disc(320, 90, 45)],
    ['touches-border', 'a large one that the frame cuts', disc(70, 200, 90)],
    ['irregular-shape', 'an aggregate stuck to it', disc(275, 200, 40)],
    ['fibre', 'a long thin fibre', (x, y) => (Math.abs(y - 0.3 * x - 20) < 2 && x > 60 && x < 350 ? 90 : undefined)],
    ['burnt-in', 'a scale bar', (x, y) => (y > 370 && y < 376 && x > 300 && x < 380 ? 2 : undefined)],
    ['burnt-in', 'a thin bright line with feet', (x, y) => (y === 372 && x > 300 && x < 345 ? 220 : undefined)],
    ['black-padding', 'one black column', (x) => (x === side - 1 ? 0 : undefined)],
    ['dark-border', 'a dark wall', (x) => (x > 370 ? 105 : undefined)],
    [
      'debris',
      'specks all over',
      (x, y) => (x % 20 < 7 && y % 20 < 7 && Math.hypot(x - 200, y - 200) > 70 ? 100 : undefined),
    ],
  ])('have the flag %s for %s', (flag, _what, draw) => {
    expect(flagsOf(spheroid, draw)).toContain(flag);
  });

  it('with a small satellite, a short hair or slow vignetting have no flag', () => {
    expect(flagsOf(spheroid, disc(280, 280, 9))).toEqual([]);
    expect(flagsOf(spheroid, (x, y) => (Math.abs(x - y) < 2 && x > 300 && x < 340 ? 90 : undefined))).toEqual([]);
    const vignette: Draw = (x, y) => 160 - 25 * ((x / side - 0.5) ** 2 + (y / side - 0.5) ** 2) * 2;
    expect(flagsOf(vignette, spheroid)).toEqual([]);
  });

  it('take a wall for no spheroid', () => {
    const flags = flagsOf((x) => (x > 360 ? 60 : undefined));
    expect(flags).toEqual(expect.arrayContaining(['dark-border', 'no-spheroid']));
  });
});
