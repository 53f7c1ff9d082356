/** The camera's true bit depth: a 12-bit picture in a 16-bit container, taken as 16-bit, would come out black. */
import type { DecodedImage } from './decode.ts';

export interface BitDepth {
  bitDepth: number;
  source: 'file' | 'study' | 'assumed';
  /** Values above what the stated depth can hold; they are clipped to white. */
  exceeded: boolean;
}

const CAMERA_DEPTHS = [8, 10, 12, 14, 16] as const;

/** The file's own word wins, then study.json's, then the smallest depth that holds the data (flagged as assumed). */
export function bitDepthOf(image: DecodedImage, declared: number | undefined): BitDepth {
  if (image.containerBits === 8) return { bitDepth: 8, source: 'file', exceeded: false };
  const bits = bitsSet(image.pixels);
  const stated = image.metadata.significantBits ?? declared;
  if (stated !== undefined && stated >= 8 && stated <= 16) {
    return {
      bitDepth: stated,
      source: image.metadata.significantBits === undefined ? 'study' : 'file',
      exceeded: bits >= 2 ** stated,
    };
  }
  return { bitDepth: CAMERA_DEPTHS.find((depth) => bits < 2 ** depth) ?? 16, source: 'assumed', exceeded: false };
}

/** All bits that any value sets: it reaches a power of two exactly when the highest value does. */
function bitsSet(pixels: DecodedImage['pixels']): number {
  let bits = 0;
  for (let i = 0; i < pixels.length; i += 1) bits |= pixels[i] ?? 0;
  return bits;
}
