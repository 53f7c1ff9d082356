import { z } from 'zod';
import { guardOf } from '../iam/principals.ts';
import { boolean, nameOf, number, provider, withoutLocalEffect } from './provider.ts';

const redriveSchema = z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: number });

export const queue = provider(
  z.strictObject({
    QueueName: z.string().optional(),
    FifoQueue: boolean.default(false),
    VisibilityTimeout: number.default(30),
    DelaySeconds: number.default(0),
    MessageRetentionPeriod: number.default(345_600),
    RedrivePolicy: redriveSchema.optional(),
    ReceiveMessageWaitTimeSeconds: withoutLocalEffect,
    ContentBasedDeduplication: z.literal(false).optional(),
    DeduplicationScope: z.enum(['queue', 'messageGroup']).optional(),
    FifoThroughputLimit: withoutLocalEffect,
    RedriveAllowPolicy: withoutLocalEffect,
    SqsManagedSseEnabled: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  async ({ logicalId, properties, account }) => {
    const fifo = properties.FifoQueue;
    const name = properties.QueueName ?? nameOf(account, logicalId, undefined, 75) + (fifo ? '.fifo' : '');
    const redrive = properties.RedrivePolicy;
    const deadLetter = redrive && account.queues.get(redrive.deadLetterTargetArn);
    if (deadLetter && deadLetter.fifo !== fifo)
      throw new Error('a dead-letter queue is of the same kind as its source');
    const { url, arn } = await account.sqs.ensureQueue(name, {
      fifo,
      visibilityTimeoutSeconds: properties.VisibilityTimeout,
      delaySeconds: properties.DelaySeconds,
      retentionSeconds: properties.MessageRetentionPeriod,
      ...(redrive && deadLetter
        ? { redrive: { deadLetterQueueName: deadLetter.name, maxReceiveCount: redrive.maxReceiveCount } }
        : {}),
    });
    const created = account.queues.add(arn, {
      name,
      arn,
      url,
      fifo,
      visibilityTimeoutSeconds: properties.VisibilityTimeout,
      policy: [],
    });
    account.sqs.setQueueGuard(
      name,
      guardOf(() => created.policy),
    );
    return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  },
);
