/**
 * A folder of `model.json` and the weights that it names. The container refuses another file in their place
 * (model-container/nvir/serving/model_folder.py); whoever reads by a folder here, or sends one there, refuses it likewise.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** A folder that is no model's, or not that of the model that it names. */
export class ModelFolderProblem extends Error {
  constructor(
    readonly what: string,
    cause?: unknown,
    readonly remedy = 'export the model again (model-container/README.md)',
  ) {
    super(`${what}: ${remedy}`, { cause });
    this.name = 'ModelFolderProblem';
  }
}

export const DESCRIPTION = 'model.json';

/** A file of weights, as `model.json` names it. Flat: SageMaker's container looks beside model.json. */
export const weightsSchema = z.object({
  file: z.string().regex(/^[^/\\]+$/, 'a file beside model.json'),
  sha256: z.string(),
});

/** What `model.json` says. @throws ModelFolderProblem */
export function readDescription<T>(folder: string, schema: z.ZodType<T>): T {
  const file = join(folder, DESCRIPTION);
  const parsed = schema.safeParse(json(file, contentOf(folder, DESCRIPTION)));
  if (parsed.success) return parsed.data;
  throw new ModelFolderProblem(`${file} cannot be used (${z.prettifyError(parsed.error)})`);
}

/** Weights, once they are those of the description. @throws ModelFolderProblem */
export function readWeights(folder: string, { file, sha256 }: z.infer<typeof weightsSchema>): Buffer {
  const content = contentOf(folder, file);
  // Else the numbers of one model would be given under the name of another.
  if (createHash('sha256').update(content).digest('hex') === sha256) return content;
  throw new ModelFolderProblem(`${join(folder, file)} is not the file that ${DESCRIPTION} names (another SHA-256)`);
}

export function contentOf(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw new ModelFolderProblem(`${folder} has no ${name}`, cause);
  }
}

function json(file: string, content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch (cause) {
    throw new ModelFolderProblem(`${file} is no JSON`, cause);
  }
}
