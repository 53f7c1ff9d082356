/** What a model may misread in all wells of a study alike, before it has read any: as its model.json states. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { sharedHalfWidth90At } from '../simulation/misread.ts';
import { UserError } from './console.ts';
import { SHIPPED_MODEL } from './model.ts';

const atKnots = z.array(z.number().nonnegative()).min(1);

const calibrationSchema = z
  .object({ spreadAtKnots: atKnots, scale: z.number().nonnegative(), sharedAtKnots: atKnots.optional() })
  .refine(({ spreadAtKnots, sharedAtKnots = spreadAtKnots }) => spreadAtKnots.length === sharedAtKnots.length, {
    error: 'spreadAtKnots and sharedAtKnots are not of one length',
  });

const modelSchema = z.object({
  /** Absent, or without a share, where no domain was held out for the model. */
  calibration: calibrationSchema.optional(),
  /** The model below the line of a recalibrated one, with its calibration: that was measured without the line. */
  recalibrationOf: z.object({ calibration: calibrationSchema.optional() }).optional(),
  recalibration: z
    .object({
      line: z.object({
        slope: z.object({ value: z.number().positive() }),
        intercept: z.object({ value: z.number() }),
      }),
    })
    .optional(),
});

/** Steps from 0 to 1 where a line moves the knots between the even places. */
const STEPS_ON_A_LINE = 100;

/**
 * @param folder of model.json
 * @returns half widths of 90 %, relative to vehicle, at viabilities evenly from 0 to 1; none where the model states none
 */
export function sharedHalfWidths90(folder: string = SHIPPED_MODEL): number[] {
  const file = resolve(folder, 'model.json');
  const { calibration: own, recalibrationOf, recalibration } = parsed(file);
  const calibration = own ?? recalibrationOf?.calibration;
  if (!calibration?.sharedAtKnots) return [];
  const { spreadAtKnots, sharedAtKnots, scale } = calibration;
  // Of an image like those of the training (decision 0025): beyond them half widths grow with the distance, which no one knows before there is an image.
  const atKnots = spreadAtKnots.map((spread, knot) => spread * scale * (sharedAtKnots[knot] ?? Number.NaN));
  return recalibration ? onTheLine(atKnots, recalibration.line) : atKnots;
}

/**
 * As the graph with a line says them (model-container/nvir/recalibrate.py): of the viability before the line, stretched by a slope
 * above 1 and never narrowed. The least width that a line brings is the whole width's alone.
 */
function onTheLine(
  former: readonly number[],
  { slope, intercept }: { slope: { value: number }; intercept: { value: number } },
): number[] {
  const factor = Math.max(1, slope.value);
  return Array.from({ length: STEPS_ON_A_LINE + 1 }, (_, step) => {
    const before = (step / STEPS_ON_A_LINE - intercept.value) / slope.value;
    return factor * sharedHalfWidth90At(former, before);
  });
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
