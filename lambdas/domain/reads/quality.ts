/** What imaging measures of a picture besides its viability. Lengths and areas are fractions of the frame, 0 to 1. */
import { z } from 'zod';

export const qualitySchema = z.object({
  /**
   * Sharpness: the 99.5th percentile of the gradient between neighbouring pixels of a copy of at most 256², over the median
   * gray level. Near 0 when nothing in the frame is sharp.
   */
  focus: z.number(),
  exposure: z.object({
    /** Median gray level as a fraction of full scale. */
    background: z.number(),
    saturatedFraction: z.number(),
    blackFraction: z.number(),
  }),
  spheroid: z.object({
    found: z.boolean(),
    areaFraction: z.number().optional(),
    diameterFraction: z.number().optional(),
    centreX: z.number().optional(),
    centreY: z.number().optional(),
    touchesBorder: z.boolean().optional(),
  }),
  /** What a person should look at, for example `no-spheroid`; sorted. */
  flags: z.array(z.string()),
});

export type Quality = z.infer<typeof qualitySchema>;

/** The image lies beyond what the model was trained on: its viability and interval are not to be trusted. */
export const OUT_OF_DOMAIN = 'outOfDomain';

/** The quality of an image, flagged where the model's domain ends. */
export function flagDomain(quality: Quality, domainDistance: number | undefined): Quality {
  if (domainDistance === undefined || domainDistance <= 1) return quality;
  return { ...quality, flags: [...new Set([...quality.flags, OUT_OF_DOMAIN])].sort() };
}
