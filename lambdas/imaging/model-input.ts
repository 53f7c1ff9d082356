/** From gray values of any bit depth to the model's input. */
import { endianness } from 'node:os';
import { resizeCentredSquare } from './resize.ts';

const LITTLE_ENDIAN = endianness() === 'LE';

/** `v >> (bits − 8)` with the true bit depth; values above it (never expected) stay at white instead of wrapping round. */
export function toEightBit(pixels: Uint8Array | Uint16Array, bitDepth: number): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels;
  return (LITTLE_ENDIAN && fourAtATime(pixels, bitDepth)) || clamped(pixels, bitDepth - 8);
}

function clamped(pixels: Uint16Array, shift: number): Uint8Array {
  const output = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i < pixels.length; i += 1) output[i] = (pixels[i] ?? 0) >> shift;
  return new Uint8Array(output.buffer);
}

/** Undefined when a value lies above the depth. */
function fourAtATime(pixels: Uint16Array, bitDepth: number): Uint8Array | undefined {
  const shift = bitDepth - 8;
  const output = new Uint8Array(pixels.length);
  const from = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const to = new DataView(output.buffer);
  const whole = pixels.length - (pixels.length % 4);
  let bits = 0;
  for (let i = 0; i < whole; i += 4) {
    const first = from.getUint32(2 * i, true);
    const second = from.getUint32(2 * i + 4, true);
    bits |= first | second;
    const low = (first >>> shift) & 0x00ff00ff;
    const high = (second >>> shift) & 0x00ff00ff;
    to.setUint32(i, ((low | (low >>> 8)) & 0xffff) | ((high | (high >>> 8)) << 16), true);
  }
  for (let i = whole; i < pixels.length; i += 1) {
    bits |= pixels[i] ?? 0;
    output[i] = (pixels[i] ?? 0) >> shift;
  }
  return ((bits | (bits >>> 16)) & 0xffff) < 2 ** bitDepth ? output : undefined;
}

/** @returns the 256 × 256 input, 65,536 bytes row by row. */
export const toModelInput = (
  pixels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  bitDepth: number,
): Uint8Array => resizeCentredSquare(toEightBit(pixels, bitDepth), width, height);
