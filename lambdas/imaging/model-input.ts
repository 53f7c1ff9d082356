/** From gray values of any bit depth to the model's input. */
import { resizeCentredSquare } from './resize.ts';

/** `v >> (bits − 8)` with the true bit depth; values above it (never expected) stay at white instead of wrapping round. */
export function toEightBit(pixels: Uint8Array | Uint16Array, bitDepth: number): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels;
  const shift = bitDepth - 8;
  const output = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i < pixels.length; i += 1) output[i] = (pixels[i] ?? 0) >> shift;
  return new Uint8Array(output.buffer);
}

/** @returns the 256 × 256 input, 65,536 bytes row by row. */
export const toModelInput = (
  pixels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  bitDepth: number,
): Uint8Array => resizeCentredSquare(toEightBit(pixels, bitDepth), width, height);
