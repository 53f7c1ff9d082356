import { z } from 'zod';
import { guardOf } from '../iam/principals.ts';
import { notifyQueues } from '../s3-notifications.ts';
import { nameOf, provider, withoutLocalEffect } from './provider.ts';

const filterSchema = z.strictObject({
  S3Key: z.strictObject({
    Rules: z.array(z.strictObject({ Name: z.enum(['prefix', 'suffix', 'Prefix', 'Suffix']), Value: z.string() })),
  }),
});

export const bucket = provider(
  z.strictObject({
    BucketName: z.string().optional(),
    VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
    NotificationConfiguration: z
      .strictObject({
        QueueConfigurations: z
          .array(z.strictObject({ Event: z.string(), Queue: z.string(), Filter: filterSchema.optional() }))
          .default([]),
      })
      .optional(),
    BucketEncryption: withoutLocalEffect,
    PublicAccessBlockConfiguration: withoutLocalEffect,
    OwnershipControls: withoutLocalEffect,
    LifecycleConfiguration: withoutLocalEffect,
    LoggingConfiguration: withoutLocalEffect,
    AccessControl: withoutLocalEffect,
    CorsConfiguration: withoutLocalEffect,
    ObjectLockEnabled: z.literal(false).optional(),
    Tags: withoutLocalEffect,
  }),
  async ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.BucketName).toLowerCase();
    await account.s3.ensureBucket(name, { versioned: properties.VersioningConfiguration?.Status === 'Enabled' });
    const created = account.buckets.add(name, { name, arn: `arn:aws:s3:::${name}`, policy: [] });
    account.s3.setBucketGuard(
      name,
      guardOf(() => created.policy),
    );
    const configurations = (properties.NotificationConfiguration?.QueueConfigurations ?? []).map((configuration) => {
      const rules = configuration.Filter?.S3Key.Rules ?? [];
      const rule = (kind: string) => rules.find(({ Name }) => Name.toLowerCase() === kind)?.Value ?? '';
      return {
        event: configuration.Event,
        queue: account.queues.get(configuration.Queue),
        prefix: rule('prefix'),
        suffix: rule('suffix'),
      };
    });
    if (configurations.length > 0) await notifyQueues(account, created, configurations);
    const domain = `${name}.s3.amazonaws.com`;
    return {
      ref: name,
      attributes: {
        Arn: created.arn,
        DomainName: domain,
        RegionalDomainName: `${name}.s3.${account.region}.amazonaws.com`,
      },
    };
  },
);
