/** From the bytes of a file to the model's input, its facts and its quality. */
import { createHash } from 'node:crypto';
import type { Quality } from '../domain/reads/quality.ts';
import type { ImageFacts } from '../domain/reads/reading.ts';
import { bitDepthOf } from './bit-depth.ts';
import { decodeImage } from './decode.ts';
import { IMAGE_LIMITS, type ImageLimits } from './limits.ts';
import { toEightBit } from './model-input.ts';
import { assessQuality } from './quality.ts';
import { resizeCentredSquare } from './resize.ts';

export interface PreparedImage {
  /** 256 × 256 gray values, row by row. */
  input: Uint8Array;
  image: ImageFacts;
  quality: Quality;
  /** Of the file's bytes. */
  sha256: string;
}

export interface PrepareOptions {
  /** Bit depth that study.json declares for files that do not say it. */
  declaredBitDepth?: number;
  limits?: ImageLimits;
}

/** @throws RejectedImage with reason and remedy; never for anything that may pass by waiting. */
export async function prepareImage(bytes: Buffer, options: PrepareOptions = {}): Promise<PreparedImage> {
  const decoded = await decodeImage(bytes, options.limits ?? IMAGE_LIMITS);
  const { bitDepth, source, exceeded } = bitDepthOf(decoded, options.declaredBitDepth);
  const { format, width, height, pages, metadata } = decoded;
  const pixels = toEightBit(decoded.pixels, bitDepth);
  const notes = [
    ...(source === 'assumed' ? ['bit-depth-assumed'] : []),
    ...(exceeded ? ['exceeds-bit-depth'] : []),
    ...(pages > 1 ? ['first-of-several-pages'] : []),
  ];
  return {
    input: resizeCentredSquare(pixels, width, height),
    image: {
      format,
      width,
      height,
      bitDepth,
      bitDepthSource: source,
      pages,
      ...(metadata.takenAt ? { takenAt: metadata.takenAt } : {}),
      ...(metadata.pixelSize_um ? { pixelSize_um: metadata.pixelSize_um } : {}),
      ...(metadata.instrument ? { instrument: metadata.instrument } : {}),
    },
    quality: assessQuality(pixels, width, height, notes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
