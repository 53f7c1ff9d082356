import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createApp } from '../../lib/app.ts';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const templateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()),
});

export type Resource = z.infer<typeof resourceSchema> & { logicalId: string };
export type Template = z.infer<typeof templateSchema>;

/** The template for these options, without bundling the functions: their code is a hash here, whatever it is. */
export function synthesise(context: Readonly<Record<string, unknown>> = {}): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'nvir-synth-'));
  try {
    const { app, stack } = createApp({ outdir, context: { 'aws:cdk:bundling-stacks': [], ...context } });
    return templateSchema.parse(app.synth().getStackByName(stack.stackName).template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function ofType(template: Template, type: string): Resource[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({ ...resource, logicalId }));
}

const statementSchema = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.record(z.string(), z.unknown()).optional(),
});
export type Statement = z.infer<typeof statementSchema>;
const documentSchema = z.looseObject({ Statement: z.array(statementSchema) });

/** Statements of the resource's policy document. */
export function statements(resource: Resource): Statement[] {
  return documentSchema.parse(resource.Properties.PolicyDocument ?? resource.Properties.KeyPolicy).Statement;
}

/** Logical IDs that a value refers to by Ref or Fn::GetAtt, at any depth. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [String(inner[0])];
    return references(inner);
  });
}

/** The only element. @throws when there are more or none. */
export function one<T>(found: readonly T[]): T {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) throw new Error(`expected one, found ${found.length}`);
  return first;
}
