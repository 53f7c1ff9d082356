import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ templateFile: z.string().optional(), stackName: z.string().optional() }).optional(),
    }),
  ),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/** What CDK wrote: one stack's template, and where the files stand that a deployment would upload. */
export interface Assembly {
  stackName: string;
  template: unknown;
  /** Path of the asset that a deployment uploads under this object key; undefined when the assembly has none such. */
  assetPath(objectKey: string): string | undefined;
}

/** Reads a cloud assembly (`cdk.out`). @throws when it holds no stack, or more than one. */
export function loadAssembly(directory: string): Assembly {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) throw new Error(`${directory} holds no manifest.json: synthesise the stack first`);
  const manifest = manifestSchema.parse(readJson(manifestFile));
  const stacks = Object.entries(manifest.artifacts).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [stack, ...others] = stacks;
  if (!stack) throw new Error(`${manifestFile} names no stack`);
  if (others.length > 0) throw new Error(`${manifestFile} names ${stacks.length} stacks; the local cloud runs one`);
  const [artifactId, artifact] = stack;
  const templateFile = artifact.properties?.templateFile ?? `${artifactId}.template.json`;
  return {
    stackName: artifact.properties?.stackName ?? artifactId,
    template: readJson(join(directory, templateFile)),
    assetPath: assetPaths(directory, artifactId),
  };
}

function assetPaths(directory: string, artifactId: string): (objectKey: string) => string | undefined {
  const file = join(directory, `${artifactId}.assets.json`);
  const paths = new Map<string, string>();
  if (existsSync(file)) {
    for (const asset of Object.values(assetsSchema.parse(readJson(file)).files)) {
      const path = asset.source.path;
      if (path === undefined) continue;
      for (const { objectKey } of Object.values(asset.destinations)) paths.set(objectKey, join(directory, path));
    }
  }
  return (objectKey) => paths.get(objectKey);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
