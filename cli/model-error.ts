/** What a model may misread in all wells of a study alike, before it has read any: as its model.json states. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from './console.ts';
import { SHIPPED_MODEL } from './model.ts';

const atKnots = z.array(z.number().nonnegative());

const modelSchema = z.object({
  /** Absent, or without a share, where no domain was held out for the model. */
  calibration: z.object({ spreadAtKnots: atKnots, scale: z.number(), sharedAtKnots: atKnots.optional() }).optional(),
  /** A line at the end of the model stretches its half widths too. */
  recalibration: z.object({ line: z.object({ slope: z.object({ value: z.number() }) }) }).optional(),
});

/**
 * @param folder of model.json
 * @returns half widths of 90 %, relative to vehicle, at viabilities evenly from 0 to 1; none where the model states none
 */
export function sharedHalfWidths90(folder: string = SHIPPED_MODEL): number[] {
  const file = resolve(folder, 'model.json');
  const { calibration, recalibration } = parsed(file);
  const slope = recalibration?.line.slope.value ?? 1;
  // Of an image like those of the training (decision 0025): beyond them half widths grow with the distance, which no one knows before there is an image.
  return (calibration?.sharedAtKnots ?? []).map(
    (share, knot) => share * (calibration?.spreadAtKnots[knot] ?? 0) * (calibration?.scale ?? 0) * slope,
  );
}

function parsed(file: string): z.infer<typeof modelSchema> {
  const model = modelSchema.safeParse(readJson(file));
  if (model.success) return model.data;
  throw new UserError(
    `${file} is no model.json: ${z.prettifyError(model.error)}`,
    'Name the folder that `python -m nvir export` wrote.',
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Name the folder that holds model.json, or leave --model out for the shipped model.',
    );
  }
}
