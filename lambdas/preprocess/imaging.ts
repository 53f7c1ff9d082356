import { createHash } from 'node:crypto';
import { PREPROCESSING_VERSION, prepareImage, RejectedImage } from '../imaging/index.ts';
import { IMAGE_LIMITS } from '../imaging/limits.ts';
import type { Imaging } from './look.ts';

/** Imaging as the worker sees it: a rejected image is an answer, not an error. */
export const imaging: Imaging = {
  version: PREPROCESSING_VERSION,
  maxBytes: IMAGE_LIMITS.maxBytes,
  async prepare(content, options) {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    try {
      return await prepareImage(bytes, options);
    } catch (error) {
      if (!(error instanceof RejectedImage)) throw error;
      const { code, reason, remedy } = error;
      return { rejection: { code, reason, remedy }, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
  },
};
