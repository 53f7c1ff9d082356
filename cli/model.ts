/** The shipped model, run in this process: for looking at single files without any cloud. */
import '../local/sagemaker/no-telemetry.ts';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { INPUT_SIDE } from '../lambdas/imaging/index.ts';
import { ModelFolderProblem, readDescription, readWeights, weightsSchema } from '../lib/model-folder.ts';
import { CALIBRATED_OUTPUTS } from '../local/sagemaker/model.ts';
import { UserError } from './console.ts';

/** Folder of the shipped model.json and its files. */
export const SHIPPED_MODEL = resolve(import.meta.dirname, '..', 'model-container', 'model');

const identitySchema = z.object({
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  variants: z.object({ int8: weightsSchema }),
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

/** @param folder of another model.json and its files. @throws UserError when it is not a model's, or its weights are another's. */
export async function loadShippedModel(folder = SHIPPED_MODEL): Promise<ShippedModel> {
  const { identity, weights } = filesOf(folder);
  const session = await InferenceSession.create(weights, { graphOptimizationLevel: 'all', logSeverityLevel: 3 });
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

function filesOf(folder: string): { identity: ShippedModel['identity']; weights: Buffer } {
  try {
    const identity = readDescription(folder, identitySchema);
    return { identity, weights: readWeights(folder, identity.variants.int8) };
  } catch (error) {
    if (!(error instanceof ModelFolderProblem)) throw error;
    throw new UserError(error.what, `Check that the clone is complete, or ${error.remedy}.`);
  }
}
