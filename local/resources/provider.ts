import { z } from 'zod';
import type { Account } from '../account.ts';
import { physicalName } from '../cloudformation/names.ts';
import type { CreatedResource } from '../cloudformation/stack.ts';

export interface ResourceContext<P> {
  logicalId: string;
  properties: P;
  account: Account;
}

/** Creates one resource type of the template in the local account. */
export interface Provider {
  create(logicalId: string, properties: unknown, account: Account): Promise<CreatedResource>;
}

/**
 * A provider whose properties are checked strictly: a property that the local cloud would silently ignore is an error,
 * because the run would then prove less than it seems to.
 */
export function provider<S extends z.ZodType>(
  schema: S,
  create: (context: ResourceContext<z.infer<S>>) => Promise<CreatedResource> | CreatedResource,
): Provider {
  return {
    async create(logicalId, properties, account) {
      const parsed = schema.safeParse(properties);
      if (!parsed.success) throw new Error(`properties not known to the local cloud: ${z.prettifyError(parsed.error)}`);
      return create({ logicalId, properties: parsed.data, account });
    },
  };
}

/** Properties that change nothing in a local run (tags, descriptions, logging, encryption at rest). */
export const withoutLocalEffect = z.unknown().optional();

/** CloudFormation writes numbers and booleans as text now and then. */
export const number = z.coerce.number();
export const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

export function nameOf(account: Account, logicalId: string, given: string | undefined, limit?: number): string {
  return given ?? physicalName(account.stackName, logicalId, limit);
}

export function arnOf(account: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${account.region}:${account.accountId}:${resource}`;
}

/** The service part of an ARN, for targets that may be of several kinds. */
export function serviceOf(arn: string): string {
  return arn.split(':')[2] ?? '';
}
