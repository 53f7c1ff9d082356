/**
 * A reading: a fact about the pixels of one version of one object. What depends on the lab's notes (well, day, dose) is
 * not here: it is derived when scoring and querying, so that notes may come late or be corrected.
 */
import { z } from 'zod';
import { qualitySchema } from './quality.ts';

export const READING_SCHEMA = 1;

export const modelIdentitySchema = z.object({
  name: z.string(),
  version: z.string(),
  /** SHA-256 of the fp32 source state, the same for every variant. */
  sha256: z.string(),
  variant: z.string(),
});
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

export const imageFactsSchema = z.object({
  format: z.enum(['tiff', 'png', 'jpeg']),
  /** Pixels. */
  width: z.number().int(),
  height: z.number().int(),
  bitDepth: z.number().int(),
  /** Where the bit depth is from; `assumed` = inferred from the largest value, and flagged. */
  bitDepthSource: z.enum(['file', 'study', 'assumed']),
  pages: z.number().int(),
  /** Acquisition time from the file's own metadata; without offset when the file gives none. */
  takenAt: z.string().optional(),
  pixelSize_um: z.number().optional(),
  instrument: z.string().optional(),
});
export type ImageFacts = z.infer<typeof imageFactsSchema>;

export const rejectionSchema = z.object({ code: z.string(), reason: z.string(), remedy: z.string() });
export type Rejection = z.infer<typeof rejectionSchema>;

export const readingSchema = z.object({
  schema: z.literal(READING_SCHEMA),
  study: z.string(),
  plate: z.string(),
  /** Key below the plate's folder. */
  path: z.string(),
  key: z.string(),
  /** S3's version of the object that was read; of a deleted one, the version that was last read. */
  versionId: z.string(),
  etag: z.string(),
  status: z.enum(['read', 'rejected', 'deleted']),
  /** Counts the changes of this item; the condition of every write. */
  revision: z.number().int(),
  sha256: z.string().optional(),
  bytes: z.number().int().optional(),
  /** S3's LastModified, ISO 8601. */
  uploadedAt: z.string(),
  image: imageFactsSchema.optional(),
  /** ATP relative to untreated, as the model reads it: about 0 (dead) to 1 (as alive as untreated). */
  viability: z.number().optional(),
  /** Half of the width of viability's 90 % interval, in its unit; not of readings of a model without calibration. */
  halfWidth90: z.number().optional(),
  /** Distance of the image to the model's training images; 1 = the 99th percentile of known ones, beyond it flagged. */
  domainDistance: z.number().optional(),
  /**
   * The part of the half width, in its unit, that all images of one domain (location + microscope) at that viability share, and that dividing by their controls
   * does not take out: more wells do not average it out. Not of readings of a model for which no domain was held out.
   */
  sharedHalfWidth90: z.number().optional(),
  quality: qualitySchema.optional(),
  rejection: rejectionSchema.optional(),
  preprocessingVersion: z.string(),
  model: modelIdentitySchema.optional(),
  /** Bit depth that study.json declared when the image was read. */
  declaredBitDepth: z.number().int().optional(),
  readAt: z.string(),
});
export type Reading = z.infer<typeof readingSchema>;
