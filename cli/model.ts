/** The shipped model, run in this process: for looking at single files without any cloud. */
import '../local/sagemaker/no-telemetry.ts';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { INPUT_SIDE } from '../lambdas/imaging/index.ts';
import { CALIBRATED_OUTPUTS } from '../local/sagemaker/model.ts';
import { UserError } from './console.ts';

/** Folder of the shipped model.json and its files. */
export const SHIPPED_MODEL = resolve(import.meta.dirname, '..', 'model-container', 'model');

const identitySchema = z.object({
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  variants: z.object({ int8: z.object({ file: z.string() }) }),
  trainedOn: z.string(),
});

export interface ShippedModel {
  identity: z.infer<typeof identitySchema>;
  /** What the model says of one input of 65,536 bytes. */
  read(input: Uint8Array): Promise<ModelReading>;
}

export interface ModelReading {
  viability: number;
  /** Half of the 90 % interval's width, and the distance to the training images; null without calibration. */
  halfWidth90: number | null;
  domainDistance: number | null;
  /** The part of the half width that a domain's images share; null where no domain was held out for the model. */
  sharedHalfWidth90: number | null;
}

/** @param folder of another model.json and its files. @throws UserError when the model files are not there. */
export async function loadShippedModel(folder = SHIPPED_MODEL): Promise<ShippedModel> {
  const description = resolve(folder, 'model.json');
  if (!existsSync(description))
    throw new UserError(
      `${description} is not there`,
      'Check the clone is complete, or export a model: see model-container/README.md.',
    );
  const identity = identitySchema.parse(JSON.parse(readFileSync(description, 'utf8')));
  const session = await InferenceSession.create(resolve(folder, identity.variants.int8.file), {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    identity,
    read: async (input) => {
      const answer = await session.run({ images: new Tensor('uint8', input, [1, INPUT_SIDE, INPUT_SIDE]) });
      const numberOf = (output: string): number | null => {
        const value = answer[output]?.data[0];
        return typeof value === 'number' ? value : null;
      };
      const viability = numberOf('viability');
      if (viability === null) throw new Error('the model gave no viability');
      return {
        viability,
        halfWidth90: numberOf(CALIBRATED_OUTPUTS.halfWidth90),
        domainDistance: numberOf(CALIBRATED_OUTPUTS.domainDistance),
        sharedHalfWidth90: numberOf(CALIBRATED_OUTPUTS.sharedHalfWidth90),
      };
    },
  };
}
