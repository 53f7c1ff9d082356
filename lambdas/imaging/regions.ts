/** Connected regions of a mask, with the moments that tell round from long. */

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
export function regionsOf(mask: Uint8Array, width: number, height: number, smallest: number): Region[] {
  const regions: Region[] = [];
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== 1 || seen[start] === 1) continue;
    const region = flood(mask, seen, start, width, height);
    if (region.area >= smallest) regions.push(region);
  }
  return regions.sort((a, b) => b.area - a.area);
}

function flood(mask: Uint8Array, seen: Uint8Array, start: number, width: number, height: number): Region {
  let [area, sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0, 0];
  let touchesBorder = false;
  let [left, right, top, bottom] = [width, 0, height, 0];
  const stack = [start];
  seen[start] = 1;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const x = i % width;
    const y = (i - x) / width;
    area += 1;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    touchesBorder ||= x < MARGIN || y < MARGIN || x >= width - MARGIN || y >= height - MARGIN;
    for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (next >= 0 && next < mask.length && mask[next] === 1 && seen[next] === 0) {
        seen[next] = 1;
        stack.push(next);
      }
    }
  }
  const [centreX, centreY] = [sumX / area, sumY / area];
  return {
    area,
    centreX,
    centreY,
    touchesBorder,
    ...axes(sumXX / area - centreX ** 2, sumYY / area - centreY ** 2, sumXY / area - centreX * centreY),
    boxWidth: right - left + 1,
    boxHeight: bottom - top + 1,
  };
}

/** 4 √λ of the covariance; a pixel has a variance of 1/12 of its own. */
function axes(xx: number, yy: number, xy: number): { longAxis: number; shortAxis: number } {
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return {
    longAxis: 4 * Math.sqrt(middle + spread + 1 / 12),
    shortAxis: 4 * Math.sqrt(Math.max(0, middle - spread) + 1 / 12),
  };
}
