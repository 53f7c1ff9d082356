import { z } from 'zod';

/** The requests of SQS's JSON protocol that the local cloud answers. */
const queueUrl = z.object({ QueueUrl: z.string() });
const attribute = z.looseObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const sending = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
  MessageAttributes: z.record(z.string(), attribute).optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
const deletion = z.object({ ReceiptHandle: z.string() });
const visibility = deletion.extend({ VisibilityTimeout: z.number().int().min(0).max(43_200) });
const entries = <T extends z.ZodRawShape>(entry: z.ZodObject<T>) =>
  queueUrl.extend({ Entries: z.array(entry.extend({ Id: z.string() })) });

export const inputs = {
  CreateQueue: z.object({
    QueueName: z.string().regex(/^[\w-]{1,75}(\.fifo)?$/),
    Attributes: z.record(z.string(), z.string()).default({}),
  }),
  SetQueueAttributes: queueUrl.extend({ Attributes: z.record(z.string(), z.string()) }),
  GetQueueUrl: z.object({ QueueName: z.string() }),
  ListQueues: z.object({ QueueNamePrefix: z.string().default('') }),
  GetQueueAttributes: queueUrl.extend({ AttributeNames: z.array(z.string()).default([]) }),
  PurgeQueue: queueUrl,
  DeleteQueue: queueUrl,
  SendMessage: queueUrl.extend(sending.shape),
  SendMessageBatch: entries(sending),
  ReceiveMessage: queueUrl.extend({
    MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
    WaitTimeSeconds: z.number().min(0).max(20).default(0),
    VisibilityTimeout: z.number().int().min(0).max(43_200).optional(),
    AttributeNames: z.array(z.string()).default([]),
    MessageSystemAttributeNames: z.array(z.string()).default([]),
    MessageAttributeNames: z.array(z.string()).default([]),
  }),
  DeleteMessage: queueUrl.extend(deletion.shape),
  DeleteMessageBatch: entries(deletion),
  ChangeMessageVisibility: queueUrl.extend(visibility.shape),
  ChangeMessageVisibilityBatch: entries(visibility),
};

export type SendInput = z.infer<typeof sending>;
export type ReceiveInput = z.infer<typeof inputs.ReceiveMessage>;
