import { z } from 'zod';
import type { Queue } from '../account.ts';
import { parsePolicy } from '../iam/document.ts';
import { managedPolicy } from '../iam/managed-policies.ts';
import { Role } from '../iam/principals.ts';
import { nameOf, provider, withoutLocalEffect } from './provider.ts';

export const role = provider(
  z.strictObject({
    RoleName: z.string().optional(),
    AssumeRolePolicyDocument: z.unknown(),
    ManagedPolicyArns: z.array(z.string()).default([]),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
    Description: withoutLocalEffect,
    MaxSessionDuration: withoutLocalEffect,
    Path: z.literal('/').optional(),
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.RoleName, 64);
    const arn = `arn:aws:iam::${account.accountId}:role/${name}`;
    const trust = parsePolicy(properties.AssumeRolePolicyDocument, `${logicalId}'s trust policy`);
    const created = account.roles.add(name, new Role(name, arn, account.accountId, trust));
    for (const managed of properties.ManagedPolicyArns) created.attach(managedPolicy(managed));
    for (const { PolicyName, PolicyDocument } of properties.Policies) {
      created.attach(parsePolicy(PolicyDocument, `${logicalId}'s policy ${PolicyName}`));
    }
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name}` } };
  },
);

export const policy = provider(
  z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown(), Roles: z.array(z.string()).min(1) }),
  ({ logicalId, properties, account }) => {
    const statements = parsePolicy(properties.PolicyDocument, logicalId);
    for (const name of properties.Roles) account.roles.get(name).attach(statements);
    return { ref: properties.PolicyName, attributes: { Id: properties.PolicyName } };
  },
);

export const queuePolicy = provider(
  z.strictObject({ PolicyDocument: z.unknown(), Queues: z.array(z.string()) }),
  ({ logicalId, properties, account }) => {
    const statements = parsePolicy(properties.PolicyDocument, logicalId);
    const byUrl = new Map(account.queues.values().map((queue): [string, Queue] => [queue.url, queue]));
    for (const url of properties.Queues) {
      const queue = byUrl.get(url);
      if (!queue) throw new Error(`queue ${url} does not exist`);
      queue.policy.push(...statements);
    }
    return { ref: logicalId, attributes: {} };
  },
);

export const bucketPolicy = provider(
  z.strictObject({ PolicyDocument: z.unknown(), Bucket: z.string() }),
  ({ logicalId, properties, account }) => {
    account.buckets.get(properties.Bucket).policy.push(...parsePolicy(properties.PolicyDocument, logicalId));
    return { ref: logicalId, attributes: {} };
  },
);

export const topicPolicy = provider(
  z.strictObject({ PolicyDocument: z.unknown(), Topics: z.array(z.string()) }),
  ({ logicalId, properties, account }) => {
    const statements = parsePolicy(properties.PolicyDocument, logicalId);
    for (const arn of properties.Topics) account.topics.get(arn).policy.push(...statements);
    return { ref: logicalId, attributes: {} };
  },
);
