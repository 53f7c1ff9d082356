/** Connected regions of a mask, with the moments that tell round from long. */
import type { Runs } from './runs.ts';

export interface Region {
  /** Pixels. */
  area: number;
  centreX: number;
  centreY: number;
  touchesBorder: boolean;
  /** Axes of the ellipse with the same second moments, pixels. */
  longAxis: number;
  shortAxis: number;
  /** Of the smallest upright box around it, pixels. */
  boxWidth: number;
  boxHeight: number;
}

/** Closing and opening leave a margin along the frame free: a region that reaches it touches the border. */
const MARGIN = 5;

/**
 * Regions whose pixels touch at an edge, the largest first.
 *
 * @param smallest area below which a region is not reported, pixels
 */
export function regionsOf({ starts, ends, groups }: Runs, width: number, height: number, smallest: number): Region[] {
  const sums = new Map<number, Sums>();
  for (const [run, group] of groups.entries()) {
    const start = starts[run] ?? 0;
    const y = Math.floor(start / width);
    const found = sums.get(group);
    const x = start - y * width;
    const region = found ?? new Sums(x, y);
    if (!found) sums.set(group, region);
    region.add(x, (ends[run] ?? 0) - y * width - 1, y);
  }
  return [...sums.values()]
    .filter(({ area }) => area >= smallest)
    .map((region) => region.measured(width, height))
    .sort((a, b) => b.area - a.area);
}

/** Sums over a region's pixels: whole numbers, exact in any order. */
class Sums {
  area = 0;
  private x = 0;
  private y = 0;
  private xx = 0;
  private yy = 0;
  private xy = 0;
  private right = 0;
  private bottom = 0;

  constructor(
    private left: number,
    private readonly top: number,
  ) {}

  /** Pixels `from` to `to` of row `y`; rows come in order. */
  add(from: number, to: number, y: number): void {
    const count = to - from + 1;
    const x = (count * (from + to)) / 2;
    this.area += count;
    this.x += x;
    this.y += count * y;
    this.xx += squaresUpTo(to) - squaresUpTo(from - 1);
    this.yy += count * y * y;
    this.xy += x * y;
    this.left = Math.min(this.left, from);
    this.right = Math.max(this.right, to);
    this.bottom = y;
  }

  measured(width: number, height: number): Region {
    const { area, left, right, top, bottom } = this;
    const [centreX, centreY] = [this.x / area, this.y / area];
    return {
      area,
      centreX,
      centreY,
      touchesBorder: left < MARGIN || top < MARGIN || right >= width - MARGIN || bottom >= height - MARGIN,
      ...axes(this.xx / area - centreX ** 2, this.yy / area - centreY ** 2, this.xy / area - centreX * centreY),
      boxWidth: right - left + 1,
      boxHeight: bottom - top + 1,
    };
  }
}

/** 1² + 2² + … + n². */
const squaresUpTo = (n: number): number => (n * (n + 1) * (2 * n + 1)) / 6;

/** 4 √λ of the covariance; a pixel has a variance of 1/12 of its own. */
function axes(xx: number, yy: number, xy: number): { longAxis: number; shortAxis: number } {
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return {
    longAxis: 4 * Math.sqrt(middle + spread + 1 / 12),
    shortAxis: 4 * Math.sqrt(Math.max(0, middle - spread) + 1 / 12),
  };
}
