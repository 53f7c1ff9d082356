/**
 * Finds the spheroid in a small copy of the frame: the largest connected region that departs from the background in
 * brightness or is busy with edges (a translucent spheroid is hardly darker than its surroundings).
 */
import type { Quality } from '../domain/quality.ts';
import { fitBackground } from './background.ts';
import { type Region, regionsOf } from './regions.ts';
import type { Thumbnail } from './thumbnail.ts';

/** Departure from the local background that counts, as a fraction of the background. */
const CONTRAST = 0.1;
/** Smallest share of the frame that is a spheroid and not debris, and the largest that is not an overexposed wall. */
const AREA: readonly [number, number] = [0.004, 0.6];

/** Of the depth of the region, what counts as its body: half-way down its edge, so that debris around it does not. */
const BODY = 0.5;
/** A region that reaches the frame and whose centre lies this close to it is a wall, not a spheroid in view. */
const WALL = 0.12;

/** When the shape of what was found becomes a flag; measured on simulated and on real frames (docs/science.md). */
const SHAPE = {
  /** Other bodies' area over the largest's. */
  severalFrom: 0.3,
  /** Long over short axis, and area over that of the ellipse with these axes: G12 is 1.64 and 0.63, round ones 1.0 and 0.99. */
  longFrom: 1.45,
  fillBelow: 0.8,
  /** A fibre's length over the frame's width, and over its breadth. */
  fibreFrom: 0.2,
  fibreSlender: 6,
  /** Distance of its centre from the frame: a dark wall is long and thin too. */
  fibreInside: 0.06,
  /** Share of an upright box that a bar fills, and how flat that is. */
  barFill: 0.85,
  barFlat: 5,
  /** Area of everything else that departs from the background, over the frame's. */
  debrisFrom: 0.1,
} as const;

export interface Found {
  spheroid: Quality['spheroid'];
  /** `several-spheroids`, `irregular-shape`, `fibre`, `burnt-in`, `debris`. */
  flags: string[];
}

export function findSpheroid(thumbnail: Thumbnail, background: number): Found {
  const { width, height } = thumbnail;
  const depth = depthsOf(thumbnail, background);
  const contrast = contrastMask(thumbnail, depth);
  const mask = solid(filled(closed(contrast, width, height), width, height), width, height);
  const smallest = AREA[0] * width * height;
  const regions = regionsOf(mask, width, height, smallest).filter((region) => !isWall(region, width, height));
  const [region] = regions;
  const things = regionsOf(contrast, width, height, 0);
  const other = things.reduce((sum, { area }) => sum + area, 0) - (region?.area ?? 0);
  const around = [
    ...(things.some((thing) => isFibre(thing, width, height)) ? ['fibre'] : []),
    ...(things.some((thing) => isBar(thing, width)) ? ['burnt-in'] : []),
    ...(other > SHAPE.debrisFrom * width * height ? ['debris'] : []),
  ];
  if (!region || region.area > AREA[1] * width * height) return { spheroid: { found: false }, flags: around };
  const areaFraction = region.area / (width * height);
  return {
    spheroid: {
      found: true,
      areaFraction: round(areaFraction),
      diameterFraction: round(Math.sqrt((4 * region.area) / Math.PI) / Math.min(width, height)),
      centreX: round(region.centreX / width),
      centreY: round(region.centreY / height),
      touchesBorder: region.touchesBorder,
    },
    flags: [...around, ...shapeFlags(bodies(depth, mask, width, height))],
  };
}

const isWall = ({ touchesBorder, centreX, centreY }: Region, width: number, height: number): boolean =>
  touchesBorder && Math.min(centreX / width, 1 - centreX / width, centreY / height, 1 - centreY / height) < WALL;

function isFibre(thing: Region, width: number, height: number): boolean {
  const { longAxis, shortAxis, centreX, centreY } = thing;
  const inside = Math.min(centreX / width, 1 - centreX / width, centreY / height, 1 - centreY / height);
  const isLong = longAxis >= SHAPE.fibreFrom * width && longAxis >= SHAPE.fibreSlender * shortAxis;
  return isLong && inside >= SHAPE.fibreInside && !isBar(thing, width);
}

/** Upright and sharp-cornered, as software draws a scale bar. */
const isBar = ({ area, boxWidth, boxHeight }: Region, width: number): boolean =>
  boxWidth >= 0.04 * width &&
  boxWidth < 0.5 * width &&
  boxWidth >= SHAPE.barFlat * boxHeight &&
  area >= SHAPE.barFill * boxWidth * boxHeight &&
  area > boxWidth;

/** Regions deeper than half of what the mask is at its deepest; their holes are theirs. */
function bodies(depth: Float32Array, mask: Uint8Array, width: number, height: number): Region[] {
  const inside = depth.filter((_, i) => mask[i] === 1).sort();
  const limit = Math.max(CONTRAST, BODY * (inside[Math.floor(0.9 * inside.length)] ?? 1));
  const dark = new Uint8Array(mask.length);
  for (let i = 0; i < dark.length; i += 1) dark[i] = (depth[i] ?? 0) > limit ? 1 : 0;
  const body = filled(closed(dark, width, height), width, height);
  return regionsOf(body, width, height, SMALLEST_BODY * width * height).filter(
    (region) => !isWall(region, width, height),
  );
}
const SMALLEST_BODY = 0.001;

function shapeFlags([largest, ...others]: readonly Region[]): string[] {
  if (!largest) return [];
  const { area, longAxis, shortAxis } = largest;
  const fill = area / ((Math.PI / 4) * longAxis * shortAxis);
  const beside = others.reduce((sum, other) => sum + other.area, 0);
  return [
    ...(beside >= SHAPE.severalFrom * area ? ['several-spheroids'] : []),
    ...(longAxis > SHAPE.longFrom * shortAxis || fill < SHAPE.fillBelow ? ['irregular-shape'] : []),
  ];
}

/** How much darker than the fitted background each pixel is, as a fraction of it: vignetting of a third must not look like a spheroid. */
function depthsOf(thumbnail: Thumbnail, background: number): Float32Array {
  const { values, width } = thumbnail;
  const surface = fitBackground(thumbnail, background);
  return values.map((value, i) => {
    const x = i % width;
    const level = surface(x, (i - x) / width);
    return (level - value) / level;
  });
}

/** Departs from the background, or is busy with edges. */
function contrastMask({ values, width, height }: Thumbnail, depth: Float32Array): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const i = y * width + x;
      const value = values[i] ?? 0;
      const level = value / (1 - (depth[i] ?? 0));
      const dx = (values[i + 1] ?? 0) - (values[i - 1] ?? 0);
      const dy = (values[i + width] ?? 0) - (values[i - width] ?? 0);
      const edge = Math.abs(dx) + Math.abs(dy);
      mask[i] = Math.abs(depth[i] ?? 0) > CONTRAST || edge > 1.5 * CONTRAST * level ? 1 : 0;
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

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
