import { z } from 'zod';
import { type Condition, checkCondition } from './conditions.ts';

/** A list that either must (`not: false`) or must not (`not: true`) match. */
export interface Patterns {
  not: boolean;
  patterns: string[];
}

export interface PrincipalPattern {
  type: 'AWS' | 'Service' | '*';
  value: string;
}

export interface Statement {
  sid: string | undefined;
  effect: 'Allow' | 'Deny';
  actions: Patterns;
  resources: Patterns | undefined;
  principals: PrincipalPattern[] | undefined;
  conditions: Condition[];
}

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const conditionValue = z
  .union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.boolean(), z.number()]))])
  .transform((value) => [value].flat().map(String));

const statementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Principal: z.union([z.literal('*'), z.record(z.enum(['AWS', 'Service']), oneOrMore.optional())]).optional(),
    Condition: z.record(z.string(), z.record(z.string(), conditionValue)).optional(),
  })
  .refine((s) => (s.Action === undefined) !== (s.NotAction === undefined), 'needs one of Action and NotAction');

const documentSchema = z.strictObject({
  Version: z.literal('2012-10-17').optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()),
});

/**
 * Reads a policy document whose intrinsics are resolved. A part that the evaluator would have to ignore is an error:
 * judging half of a policy is worse than refusing to start.
 */
export function parsePolicy(document: unknown, where: string): Statement[] {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new Error(`${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.Statement.map((raw): Statement => {
    const conditions = Object.entries(raw.Condition ?? {}).flatMap(([operator, tests]) =>
      Object.entries(tests).map(([key, values]): Condition => ({ operator, key, values })),
    );
    for (const condition of conditions) checkCondition(condition, where);
    return {
      sid: raw.Sid,
      effect: raw.Effect,
      actions: { not: raw.NotAction !== undefined, patterns: raw.Action ?? raw.NotAction ?? [] },
      resources:
        raw.Resource === undefined && raw.NotResource === undefined
          ? undefined
          : { not: raw.NotResource !== undefined, patterns: raw.Resource ?? raw.NotResource ?? [] },
      principals: principalsOf(raw.Principal),
      conditions,
    };
  });
}

function principalsOf(
  principal: '*' | Partial<Record<'AWS' | 'Service', string[] | undefined>> | undefined,
): PrincipalPattern[] | undefined {
  if (principal === undefined) return undefined;
  if (principal === '*') return [{ type: '*', value: '*' }];
  const of = (type: 'AWS' | 'Service') => (principal[type] ?? []).map((value): PrincipalPattern => ({ type, value }));
  return [...of('AWS'), ...of('Service')];
}
