/** First quality measures of a frame, on a copy of at most 256²: focus, exposure, the spheroid and its place, flags. */
import type { Quality } from '../domain/quality.ts';
import { findSpheroid } from './spheroid-mask.ts';
import { type Thumbnail, thumbnailOf } from './thumbnail.ts';

/** When a measure becomes a flag. Conservative: a flag asks a person to look, it rejects nothing. */
const FLAG_LIMITS = {
  backgroundBelow: 0.05,
  backgroundAbove: 0.97,
  saturatedAbove: 0.05,
  blackAbove: 0.02,
  /** Largest local contrast step; a frame out of focus has none. */
  focusBelow: 0.12,
} as const;

/** @param notes flags that decoding already found */
export function assessQuality(pixels: Uint8Array, width: number, height: number, notes: readonly string[]): Quality {
  const thumbnail = thumbnailOf(pixels, width, height);
  const background = medianOf(thumbnail.values);
  const exposure = {
    background: round(background / 255),
    saturatedFraction: round(share(pixels, (value) => value === 255)),
    blackFraction: round(share(pixels, (value) => value === 0)),
  };
  const focus = round(focusOf(thumbnail, background));
  const spheroid = background > 0 ? findSpheroid(thumbnail, background) : { found: false };
  const flags = [
    ...notes,
    ...(exposure.background < FLAG_LIMITS.backgroundBelow ? ['too-dark'] : []),
    ...(exposure.background > FLAG_LIMITS.backgroundAbove ? ['too-bright'] : []),
    ...(exposure.saturatedFraction > FLAG_LIMITS.saturatedAbove ? ['saturated'] : []),
    ...(exposure.blackFraction > FLAG_LIMITS.blackAbove ? ['black-area'] : []),
    ...(focus < FLAG_LIMITS.focusBelow ? ['out-of-focus'] : []),
    ...(spheroid.found ? [] : ['no-spheroid']),
    ...(spheroid.touchesBorder ? ['touches-border'] : []),
  ];
  return { focus, exposure, spheroid, flags: [...new Set(flags)].sort() };
}

/**
 * Focus: the 99.5th percentile of the gradient between neighbours of the small copy, relative to the background. The
 * sharpest edges tell focus; the mean would tell how much there is to see.
 */
function focusOf({ values, width, height }: Thumbnail, background: number): number {
  const gradients: number[] = [];
  for (let y = 1; y < height; y += 1) {
    for (let x = 1; x < width; x += 1) {
      const i = y * width + x;
      const value = values[i] ?? 0;
      gradients.push(Math.abs(value - (values[i - 1] ?? 0)) + Math.abs(value - (values[i - width] ?? 0)));
    }
  }
  const sorted = Float32Array.from(gradients).sort();
  return (sorted[Math.floor(0.995 * sorted.length)] ?? 0) / Math.max(1, background);
}

function medianOf(values: Float32Array): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function share(pixels: Uint8Array, test: (value: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < pixels.length; i += 1) if (test(pixels[i] ?? 0)) count += 1;
  return count / pixels.length;
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
