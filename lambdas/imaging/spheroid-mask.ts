/**
 * Finds the spheroid in a small copy of the frame: the largest connected region that departs from the background in
 * brightness or is busy with edges (a translucent spheroid is hardly darker than its surroundings).
 */
import type { Quality } from '../domain/reads/quality.ts';
import { fitBackground } from './background.ts';
import { closed, filled, solid } from './morphology.ts';
import { type Region, regionsOf } from './regions.ts';
import { type Runs, runsOf } from './runs.ts';
import { select } from './select.ts';
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
  /** Breadth of a bar over the frame's width; what has fewer pixels than that is no fibre either. */
  thingFrom: 0.04,
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
  const contrast = runsOf(contrastMask(thumbnail, depth), width, height, 1);
  const mask = runsOf(solid(filled(closed(contrast, width, height), width, height), width, height), width, height, 1);
  const smallest = AREA[0] * width * height;
  const regions = regionsOf(mask, width, height, smallest).filter((region) => !isWall(region, width, height));
  const [region] = regions;
  const things = regionsOf(contrast, width, height, SHAPE.thingFrom * width);
  const other = areaOf(contrast) - (region?.area ?? 0);
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
  boxWidth >= SHAPE.thingFrom * width &&
  boxWidth < 0.5 * width &&
  boxWidth >= SHAPE.barFlat * boxHeight &&
  area >= SHAPE.barFill * boxWidth * boxHeight &&
  area > boxWidth;

/** Regions deeper than half of what the mask is at its deepest; their holes are theirs. */
function bodies(depth: Float32Array, mask: Runs, width: number, height: number): Region[] {
  const inside = valuesIn(depth, mask);
  const limit = Math.max(CONTRAST, BODY * (select(inside, Math.floor(0.9 * inside.length)) ?? 1));
  const dark = new Uint8Array(depth.length);
  for (let i = 0; i < dark.length; i += 1) dark[i] = (depth[i] ?? 0) > limit ? 1 : 0;
  const body = filled(closed(runsOf(dark, width, height, 1), width, height), width, height);
  return regionsOf(runsOf(body, width, height, 1), width, height, SMALLEST_BODY * width * height).filter(
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

const areaOf = ({ starts, ends }: Runs): number =>
  starts.reduce((sum, start, run) => sum + (ends[run] ?? 0) - start, 0);

function valuesIn(values: Float32Array, runs: Runs): Float32Array {
  const inside = new Float32Array(areaOf(runs));
  let at = 0;
  for (const [run, start] of runs.starts.entries()) {
    const part = values.subarray(start, runs.ends[run]);
    inside.set(part, at);
    at += part.length;
  }
  return inside;
}

/** How much darker than the fitted background each pixel is, as a fraction of it: vignetting of a third must not look like a spheroid. */
function depthsOf(thumbnail: Thumbnail, background: number): Float32Array {
  const { values, width, height } = thumbnail;
  const depths = new Float32Array(values.length);
  const levels = new Float64Array(width);
  const surface = fitBackground(thumbnail, background);
  for (let y = 0, i = 0; y < height; y += 1) {
    surface.levelsOfRow(y, levels);
    for (let x = 0; x < width; x += 1, i += 1) {
      const level = levels[x] ?? 1;
      depths[i] = (level - (values[i] ?? 0)) / level;
    }
  }
  return depths;
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

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
