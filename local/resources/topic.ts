import { z } from 'zod';
import { arnOf, nameOf, provider, withoutLocalEffect } from './provider.ts';

export const topic = provider(
  z.strictObject({
    TopicName: z.string().optional(),
    FifoTopic: z.literal(false).optional(),
    DisplayName: withoutLocalEffect,
    KmsMasterKeyId: withoutLocalEffect,
    TracingConfig: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const name = nameOf(account, logicalId, properties.TopicName, 256);
    const arn = arnOf(account, 'sns', name);
    account.topics.create(arn);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
);
