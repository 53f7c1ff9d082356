/** What is found by runs of pixels is what a flood fill finds; the selected value is the one that sorting would find. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closed, filled, solid } from '../../lambdas/imaging/morphology.ts';
import { regionsOf } from '../../lambdas/imaging/regions.ts';
import { runsOf } from '../../lambdas/imaging/runs.ts';
import { select } from '../../lambdas/imaging/select.ts';

/** Sparse to dense: specks, mazes and holes. */
const masks = fc
  .tuple(fc.integer({ min: 8, max: 24 }), fc.integer({ min: 8, max: 24 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height, tenths]) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: width * height, maxLength: width * height }).map((draws) => ({
      width,
      height,
      mask: Uint8Array.from(draws, (draw) => (draw < tenths ? 1 : 0)),
    })),
  );
type Mask = typeof masks extends fc.Arbitrary<infer T> ? T : never;

/** The pixels that hang together with one, sorted, by a flood fill. */
function flood({ mask, width, height }: Mask, start: number): number[] {
  const reached = new Set([start]);
  for (const i of reached) {
    const x = i % width;
    const next = [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width];
    for (const other of next)
      if (other >= 0 && other < width * height && mask[other] === mask[start]) reached.add(other);
  }
  return [...reached].sort((a, b) => a - b);
}

/** All groups of pixels of a value, in the order of their first pixels. */
function groupsOf(drawn: Mask, value: 0 | 1): number[][] {
  const seen = new Set<number>();
  return [...drawn.mask.keys()].flatMap((i) => {
    if (drawn.mask[i] !== value || seen.has(i)) return [];
    const group = flood(drawn, i);
    for (const pixel of group) seen.add(pixel);
    return [group];
  });
}

describe('runs', () => {
  it('hang together as pixels do', () => {
    fc.assert(
      fc.property(masks, fc.constantFrom(0 as const, 1 as const), (drawn, value) => {
        const { starts, ends, groups } = runsOf(drawn.mask, drawn.width, drawn.height, value);
        const found = new Map<number, number[]>();
        for (const [run, group] of groups.entries()) {
          const pixels = found.get(group) ?? [];
          for (let i = starts[run] ?? 0; i < (ends[run] ?? 0); i += 1) pixels.push(i);
          found.set(group, pixels);
        }
        expect([...found.values()]).toEqual(groupsOf(drawn, value));
      }),
    );
  });

  it('give the moments, the box and the border of a region', () => {
    fc.assert(
      fc.property(masks, (drawn) => {
        const { mask, width, height } = drawn;
        const regions = regionsOf(runsOf(mask, width, height, 1), width, height, 3);
        const expected = groupsOf(drawn, 1)
          .filter((pixels) => pixels.length >= 3)
          .sort((a, b) => b.length - a.length);
        expect(regions.map(({ area }) => area)).toEqual(expected.map((pixels) => pixels.length));
        for (const [index, pixels] of expected.entries()) {
          const xs = pixels.map((i) => i % width);
          const ys = pixels.map((i) => Math.floor(i / width));
          const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
          const spread = (values: number[]) => mean(values.map((value) => (value - mean(values)) ** 2));
          const region = regions[index];
          const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
          expect(region?.centreX).toBeCloseTo(mean(xs), 9);
          expect(region?.centreY).toBeCloseTo(mean(ys), 9);
          expect([region?.boxWidth, region?.boxHeight]).toEqual([right - left + 1, bottom - top + 1]);
          expect(region?.touchesBorder).toBe(left < 5 || top < 5 || right >= width - 5 || bottom >= height - 5);
          // The trace of the covariance does not change with the axes.
          const { longAxis = 0, shortAxis = 0 } = region ?? {};
          expect((longAxis ** 2 + shortAxis ** 2) / 16 - 1 / 6).toBeCloseTo(spread(xs) + spread(ys), 6);
        }
      }),
    );
  });
});

describe('a mask', () => {
  it('is filled where the frame cannot be reached', () => {
    fc.assert(
      fc.property(masks, (drawn) => {
        const { mask, width, height } = drawn;
        const atFrame = (i: number) =>
          i % width === 0 || i % width === width - 1 || i < width || i >= width * (height - 1);
        const outside = new Set(
          groupsOf(drawn, 0)
            .filter((pixels) => pixels.some(atFrame))
            .flat(),
        );
        expect([...filled(mask, width, height)]).toEqual(Array.from(mask, (_, i) => (outside.has(i) ? 0 : 1)));
      }),
    );
  });

  it('is closed and kept where solid as its neighbours say', () => {
    fc.assert(
      fc.property(masks, ({ mask, width, height }) => {
        const around = (i: number, reach: number, margin: number): number => {
          const [x, y] = [i % width, Math.floor(i / width)];
          let sum = 0;
          for (let b = Math.max(margin, y - reach); b <= Math.min(height - 1 - margin, y + reach); b += 1)
            for (let a = Math.max(margin, x - reach); a <= Math.min(width - 1 - margin, x + reach); a += 1)
              sum += mask[b * width + a] ?? 0;
          return sum;
        };
        const inside = (i: number, margin: number) =>
          Math.min(i % width, width - 1 - (i % width)) >= margin &&
          Math.min(Math.floor(i / width), height - 1 - Math.floor(i / width)) >= margin;
        expect([...closed(runsOf(mask, width, height, 1), width, height)]).toEqual(
          Array.from(mask, (_, i) => (around(i, 1, 2) > 0 ? 1 : 0)),
        );
        expect([...solid(mask, width, height)]).toEqual(
          Array.from(mask, (value, i) => (value === 1 && inside(i, 3) && around(i, 3, 0) >= 0.8 * 49 ? 1 : 0)),
        );
      }),
    );
  });
});

it('select finds what sorting would', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true })), { maxLength: 60 });
  fc.assert(
    fc.property(values, fc.nat(60), (drawn, index) => {
      // Zero has one sign here: which of the two stands first is nobody's concern.
      const floats = Float32Array.from(drawn, (value) => value + 0);
      expect(select(floats.slice(), index)).toBe(floats.slice().sort()[index]);
    }),
  );
});
