/**
 * Finds the spheroid in a small copy of the frame: the largest connected region that departs from the background in
 * brightness or is busy with edges (a translucent spheroid is hardly darker than its surroundings).
 */
import type { Quality } from '../domain/quality.ts';
import { fitBackground } from './background.ts';
import type { Thumbnail } from './thumbnail.ts';

/** Departure from the local background that counts, as a fraction of the background. */
const CONTRAST = 0.1;
/** Smallest share of the frame that is a spheroid and not debris, and the largest that is not an overexposed wall. */
const AREA: readonly [number, number] = [0.004, 0.6];

export function findSpheroid(thumbnail: Thumbnail, background: number): Quality['spheroid'] {
  const { width, height } = thumbnail;
  const mask = closed(contrastMask(thumbnail, background), width, height);
  const region = largestRegion(solid(filled(mask, width, height), width, height), width, height);
  const areaFraction = region.area / (width * height);
  if (areaFraction < AREA[0] || areaFraction > AREA[1]) return { found: false };
  return {
    found: true,
    areaFraction: round(areaFraction),
    diameterFraction: round(Math.sqrt((4 * region.area) / Math.PI) / Math.min(width, height)),
    centreX: round(region.sumX / region.area / width),
    centreY: round(region.sumY / region.area / height),
    touchesBorder: region.touchesBorder,
  };
}

/** Against the fitted background: vignetting of a third must not look like a spheroid. */
function contrastMask(thumbnail: Thumbnail, background: number): Uint8Array {
  const { values, width, height } = thumbnail;
  const surface = fitBackground(thumbnail, background);
  const mask = new Uint8Array(values.length);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const i = y * width + x;
      const level = surface(x, y);
      const dx = (values[i + 1] ?? 0) - (values[i - 1] ?? 0);
      const dy = (values[i + width] ?? 0) - (values[i - width] ?? 0);
      const edge = Math.abs(dx) + Math.abs(dy);
      mask[i] = Math.abs((values[i] ?? 0) - level) > CONTRAST * level || edge > 1.5 * CONTRAST * level ? 1 : 0;
    }
  }
  return mask;
}

/** Dilation by two pixels: joins a rim that noise has broken. */
function closed(mask: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let y = 2; y < height - 2; y += 1) {
    for (let x = 2; x < width - 2; x += 1) {
      if (mask[y * width + x] !== 1) continue;
      for (let dy = -1; dy <= 1; dy += 1) for (let dx = -1; dx <= 1; dx += 1) out[(y + dy) * width + x + dx] = 1;
    }
  }
  return out;
}

/** Holes are part of the spheroid: everything that the background does not reach from the frame. */
function filled(mask: Uint8Array, width: number, height: number): Uint8Array {
  const inside = new Uint8Array(mask.length).fill(1);
  // Each pixel is reached once.
  const stack = new Int32Array(mask.length);
  let depth = 0;
  const reach = (i: number): void => {
    if (mask[i] !== 0 || inside[i] === 0) return;
    inside[i] = 0;
    stack[depth] = i;
    depth += 1;
  };
  for (let x = 0; x < width; x += 1) for (const y of [0, height - 1]) reach(y * width + x);
  for (let y = 0; y < height; y += 1) for (const x of [0, width - 1]) reach(y * width + x);
  while (depth > 0) {
    depth -= 1;
    const i = stack[depth] ?? 0;
    const x = i % width;
    if (x < width - 1) reach(i + 1);
    if (x > 0) reach(i - 1);
    // Above the first row and below the last one there is no mask, and nothing is reached.
    reach(i + width);
    reach(i - width);
  }
  return inside;
}

/** Keeps what is solid over 7 × 7 pixels: shed cells and fibres hang on to a spheroid by thin bridges. */
function solid(mask: Uint8Array, width: number, height: number): Uint8Array {
  const half = 3;
  const needed = 0.8 * (2 * half + 1) ** 2;
  const sums = summedArea(mask, width, height);
  const out = new Uint8Array(mask.length);
  for (let y = half; y < height - half; y += 1) {
    for (let x = half; x < width - half; x += 1) {
      const upper = (y - half) * (width + 1) + x - half;
      const lower = upper + (2 * half + 1) * (width + 1);
      const across = 2 * half + 1;
      const inside =
        (sums[lower + across] ?? 0) - (sums[lower] ?? 0) - (sums[upper + across] ?? 0) + (sums[upper] ?? 0);
      out[y * width + x] = mask[y * width + x] === 1 && inside >= needed ? 1 : 0;
    }
  }
  return out;
}

/** Sums over all pixels above and left of a corner; one row and column larger than the mask. */
function summedArea(mask: Uint8Array, width: number, height: number): Uint32Array {
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += mask[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sums;
}

interface Region {
  area: number;
  sumX: number;
  sumY: number;
  touchesBorder: boolean;
}

function largestRegion(mask: Uint8Array, width: number, height: number): Region {
  let largest: Region = { area: 0, sumX: 0, sumY: 0, touchesBorder: false };
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== 1 || seen[start] === 1) continue;
    const region = flood(mask, seen, start, width, height);
    if (region.area > largest.area) largest = region;
  }
  return largest;
}

/** Closing and opening leave a margin along the frame free: a region that reaches it touches the border. */
const MARGIN = 5;

function flood(mask: Uint8Array, seen: Uint8Array, start: number, width: number, height: number): Region {
  const region: Region = { area: 0, sumX: 0, sumY: 0, touchesBorder: false };
  const stack = [start];
  seen[start] = 1;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const x = i % width;
    const y = (i - x) / width;
    region.area += 1;
    region.sumX += x;
    region.sumY += y;
    region.touchesBorder ||= x < MARGIN || y < MARGIN || x >= width - MARGIN || y >= height - MARGIN;
    for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (next >= 0 && next < mask.length && mask[next] === 1 && seen[next] === 0) {
        seen[next] = 1;
        stack.push(next);
      }
    }
  }
  return region;
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
