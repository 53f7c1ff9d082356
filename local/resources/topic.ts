import { z } from 'zod';
import { arnOf, nameOf, provider, withoutLocalEffect } from './provider.ts';

export const topic = provider(
  z.strictObject({
    TopicName: z.string().optional(),
    FifoTopic: z.literal(false).optional(),
    DisplayName: withoutLocalEffect,
    KmsMasterKeyId: z.string().optional(),
    TracingConfig: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.TopicName, 256);
    const arn = arnOf(account, 'sns', name);
    const keyId = properties.KmsMasterKeyId;
    // AWS's own key (alias/aws/sns) lets no other service in, so nothing that EventBridge sends would arrive.
    const keyPolicy = keyId === undefined ? undefined : keyId.startsWith('alias/aws/') ? [] : account.keys.get(keyId);
    account.topics.create(arn, keyPolicy);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
);
