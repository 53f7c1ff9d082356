/** Quality measures of a frame: focus and the spheroid on a copy of at most 256², exposure on at most 512² gray values; flags. */
import type { Quality } from '../domain/reads/quality.ts';
import { hasBlackPadding, hasDarkBorder, hasDrawnLine } from './frame-defects.ts';
import { findSpheroid } from './spheroid-mask.ts';
import { type Thumbnail, thumbnailOf } from './thumbnail.ts';

/** When a measure becomes a flag. Conservative: a flag asks a person to look, it rejects nothing. */
const FLAG_LIMITS = {
  backgroundBelow: 0.05,
  backgroundAbove: 0.97,
  saturatedAbove: 0.05,
  blackAbove: 0.02,
  /** Largest local contrast step; a frame out of focus has none. Simulated living wells are above 0.104, real sharp frames above 0.22. */
  focusBelow: 0.1,
} as const;

/** @param notes flags that decoding already found */
export function assessQuality(pixels: Uint8Array, width: number, height: number, notes: readonly string[]): Quality {
  const grays = histogramOf(pixels, width, height);
  const thumbnail = thumbnailOf(pixels, width, height);
  const background = quantile(grays.counts, 0.5);
  const exposure = {
    background: round(background / 255),
    saturatedFraction: round((grays.counts[255] ?? 0) / grays.total),
    blackFraction: round((grays.counts[0] ?? 0) / grays.total),
  };
  const focus = round(focusOf(thumbnail) / Math.max(1, background));
  const { spheroid, flags: seen } =
    background > 0 ? findSpheroid(thumbnail, background) : { spheroid: { found: false }, flags: [] };
  const flags = [
    ...notes,
    ...(exposure.background < FLAG_LIMITS.backgroundBelow ? ['too-dark'] : []),
    ...(exposure.background > FLAG_LIMITS.backgroundAbove ? ['too-bright'] : []),
    ...(exposure.saturatedFraction > FLAG_LIMITS.saturatedAbove ? ['saturated'] : []),
    ...(exposure.blackFraction > FLAG_LIMITS.blackAbove ? ['black-area'] : []),
    ...(focus < FLAG_LIMITS.focusBelow ? ['out-of-focus'] : []),
    ...(hasBlackPadding(pixels, width, height) ? ['black-padding'] : []),
    ...(hasDarkBorder(thumbnail, background) ? ['dark-border'] : []),
    ...(hasDrawnLine(pixels, width, height, background) ? ['burnt-in'] : []),
    ...(spheroid.found ? seen : [...seen, 'no-spheroid']),
    ...(spheroid.touchesBorder ? ['touches-border'] : []),
  ];
  return { focus, exposure, spheroid, flags: [...new Set(flags)].sort() };
}

/** Gradients are counted in quarters of a gray level. */
const GRADIENT_STEPS = 4;

/**
 * The 99.5th percentile of the gradient between neighbours of the small copy, in gray levels. The sharpest edges tell
 * focus; the mean would tell how much there is to see.
 */
function focusOf({ values, width, height }: Thumbnail): number {
  const counts = new Uint32Array(512 * GRADIENT_STEPS);
  for (let y = 1; y < height; y += 1) {
    for (let x = 1; x < width; x += 1) {
      const i = y * width + x;
      const value = values[i] ?? 0;
      const gradient = Math.abs(value - (values[i - 1] ?? 0)) + Math.abs(value - (values[i - width] ?? 0));
      const bin = (gradient * GRADIENT_STEPS) | 0;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return quantile(counts, 0.995) / GRADIENT_STEPS;
}

/** Gray values on a grid of rows and columns: shares of a frame need no more. */
const MOST_SAMPLES = 512 * 512;

function histogramOf(pixels: Uint8Array, width: number, height: number): { counts: Uint32Array; total: number } {
  const step = Math.max(1, Math.ceil(Math.sqrt(pixels.length / MOST_SAMPLES)));
  const counts = new Uint32Array(256);
  for (let y = 0; y < height; y += step) {
    const end = (y + 1) * width;
    for (let i = y * width; i < end; i += step) {
      const gray = pixels[i] ?? 0;
      counts[gray] = (counts[gray] ?? 0) + 1;
    }
  }
  return { counts, total: Math.ceil(width / step) * Math.ceil(height / step) };
}

/** The first bin at which the share is reached. */
function quantile(counts: Uint32Array, share: number): number {
  const target = share * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [bin, count] of counts.entries()) {
    seen += count;
    if (seen > target) return bin;
  }
  return counts.length - 1;
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
