/** Colour to gray by Y601, in OpenCV's fixed point: 0.299 R + 0.587 G + 0.114 B with 14 fractional bits. */
import type { GrayPixels } from './raw-tiff.ts';

const SHIFT = 14;
const HALF = 1 << (SHIFT - 1);
const [RED, GREEN, BLUE] = [4899, 9617, 1868];

/** @param channels 1 or 2: the first is taken; 3 or 4: red, green, blue and perhaps alpha, which is dropped */
export function toGray(pixels: GrayPixels, channels: number): GrayPixels {
  if (channels === 1) return pixels;
  const count = pixels.length / channels;
  const gray = pixels instanceof Uint8Array ? new Uint8Array(count) : new Uint16Array(count);
  for (let i = 0, at = 0; i < count; i += 1, at += channels) {
    if (channels < 3) gray[i] = pixels[at] ?? 0;
    else
      gray[i] =
        (RED * (pixels[at] ?? 0) + GREEN * (pixels[at + 1] ?? 0) + BLUE * (pixels[at + 2] ?? 0) + HALF) >>> SHIFT;
  }
  return gray;
}
