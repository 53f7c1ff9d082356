import { join } from 'node:path';
import { z } from 'zod';
import { readDescription, readWeights, weightsSchema } from '../../lib/model-folder.ts';

const modelSchema = z.object({
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  variants: z.record(z.string(), weightsSchema),
  input: z.object({
    name: z.string(),
    dtype: z.literal('uint8'),
    shape: z.tuple([z.literal('N'), z.number(), z.number()]),
  }),
  output: z.object({ name: z.string(), shape: z.tuple([z.literal('N')]) }),
});

/** Outputs of a calibrated graph besides its viability, by their names in the answer. Other graphs lack them. */
export const CALIBRATED_OUTPUTS = {
  halfWidth90: 'half_width_90',
  domainDistance: 'domain_distance',
  sharedHalfWidth90: 'shared_half_width_90',
} as const;

/** A model folder as the container gets it: `model.json` and the ONNX file of the chosen variant. */
export interface LocalModel {
  file: string;
  variant: string;
  input: { name: string; height: number; width: number };
  outputName: string;
  /** What every answer says about the model that made it. */
  identity: { name: string; version: string; sha256: string; variant: string };
}

/** @throws ModelFolderProblem when the files are not those that `model.json` names */
export function readModel(directory: string, variant: string): LocalModel {
  const model = readDescription(directory, modelSchema);
  const chosen = model.variants[variant];
  if (!chosen)
    throw new Error(`model.json has no variant ${variant}; it has ${Object.keys(model.variants).join(', ')}`);
  readWeights(directory, chosen);
  const { name, version, sha256, input, output } = model;
  return {
    file: join(directory, chosen.file),
    variant,
    input: { name: input.name, height: input.shape[1], width: input.shape[2] },
    outputName: output.name,
    identity: { name, version, sha256, variant },
  };
}
