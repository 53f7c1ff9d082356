/** What is wrong with a frame whatever is in it: padding, a dark wall at its edge, a scale bar that software drew. */
import type { Thumbnail } from './thumbnail.ts';

/** Gray values up to this are black, also after a lossy codec. */
const BLACK = 2;
/** Darkest strip along an edge over the opposite one, and over the frame's median: vignetting is even, a wall is not. */
const WALL = { overOpposite: 0.82, overMedian: 0.8, breadth: 0.05 } as const;
/** A burnt-in line: contrast over the background, length over the frame's width and in pixels, and where overlays are put. */
const LINE = { contrast: 0.04, length: 0.045, pixels: 24, within: 0.2, thickness: 0.008 } as const;

/** Whether the outermost row or column of a side is black, as cropping beyond the frame leaves it. */
export function hasBlackPadding(pixels: Uint8Array, width: number, height: number): boolean {
  const isBlack = (start: number, step: number, count: number): boolean => {
    for (let i = 0; i < count; i += 1) if ((pixels[start + i * step] ?? 0) > BLACK) return false;
    return true;
  };
  return (
    isBlack(0, 1, width) ||
    isBlack((height - 1) * width, 1, width) ||
    isBlack(0, width, height) ||
    isBlack(width - 1, width, height)
  );
}

/** @param background median gray */
export function hasDarkBorder({ values, width, height }: Thumbnail, background: number): boolean {
  const breadth = Math.max(1, Math.round(WALL.breadth * width));
  const level = (x0: number, x1: number, y0: number, y1: number): number => {
    const counts = new Uint32Array(256);
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) {
        const gray = (values[y * width + x] ?? 0) | 0;
        counts[gray] = (counts[gray] ?? 0) + 1;
      }
    }
    let left = ((x1 - x0) * (y1 - y0)) / 2;
    return counts.findIndex((count) => {
      left -= count;
      return left < 0;
    });
  };
  const sides = [
    [level(0, breadth, 0, height), level(width - breadth, width, 0, height)],
    [level(0, width, 0, breadth), level(0, width, height - breadth, height)],
  ];
  return sides.some(([a = 0, b = 0]) => {
    const darker = Math.min(a, b);
    return darker < WALL.overOpposite * Math.max(a, b) || darker < WALL.overMedian * background;
  });
}

/**
 * Whether a straight horizontal line was drawn near the upper or lower edge: a pixel row that stands out from those above and below by the
 * same sign over a length at which no round thing stays in one row.
 */
export function hasDrawnLine(pixels: Uint8Array, width: number, height: number, background: number): boolean {
  const away = Math.max(3, Math.round(LINE.thickness * height));
  const contrast = LINE.contrast * background;
  const least = Math.max(LINE.pixels, LINE.length * width);
  const zone = Math.floor(LINE.within * height);
  // A line of that length holds one of these columns at least.
  const step = Math.floor(least / 2);
  for (let y = away; y < height - away; y += 1) {
    if (y >= zone && y < height - zone) continue;
    for (let x = step; x < width; x += step) {
      const at = y * width + x;
      const sign = standsOut(pixels, at, width, away, contrast);
      if (sign === 0) continue;
      const same = (i: number): boolean => standsOut(pixels, i, width, away, contrast) === sign;
      let [first, last] = [at, at];
      while (first > y * width && same(first - 1)) first -= 1;
      while (last + 1 < (y + 1) * width && same(last + 1)) last += 1;
      if (last - first + 1 >= least) return true;
    }
  }
  return false;
}

/** 1 brighter, −1 darker than at a distance above and below, and not less so than in the rows next to it; else 0. */
function standsOut(pixels: Uint8Array, i: number, width: number, away: number, contrast: number): number {
  const value = pixels[i] ?? 0;
  const above = value - (pixels[i - away * width] ?? 0);
  if (Math.abs(above) <= contrast) return 0;
  const below = value - (pixels[i + away * width] ?? 0);
  const sign = Math.sign(above);
  if (sign * below <= contrast) return 0;
  const [over = 0, under = 0] = [pixels[i - width], pixels[i + width]];
  return sign * (value - over) >= 0 && sign * (value - under) >= 0 ? sign : 0;
}
