/** What a file may cost before it is refused: a function has 1.8 GB and a minute. */
export interface ImageLimits {
  /** A 16-bit RGB frame of a 20-megapixel camera is 120 MB; screening cameras stay far below. */
  maxBytes: number;
  /** Decoded pixels: 16-bit RGB at this size is 300 MB. A bomb promises more in its header and is refused before decoding. */
  maxPixels: number;
  /** Below this a spheroid has no structure left. */
  minSide: number;
}

export const IMAGE_LIMITS: ImageLimits = { maxBytes: 128 * 2 ** 20, maxPixels: 50_000_000, minSide: 64 };
