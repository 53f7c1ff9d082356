import { z } from 'zod';
import type { Principal } from '../contract.ts';
import { ServiceError } from '../http.ts';
import { inputs, type ReceiveInput, type SendInput } from './input.ts';
import { md5, md5OfAttributes, systemAttributes } from './message.ts';
import type { Delivery, Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { attributesOf, settingsFrom } from './settings.ts';

const BODY_LIMIT_BYTES = 262_144;
const BATCH_LIMIT = 10;
/** Ids that a sender gives: letters, digits and punctuation of ASCII. */
const ID = /^[\x21-\x7e]{1,128}$/;

interface Caller {
  queues: Queues;
  principal: Principal;
  signal: AbortSignal;
}

type Operation = (input: unknown, caller: Caller) => unknown;

/** Parses the input, asks for leave under the action's name, then runs. */
function operation<S extends z.ZodType>(
  schema: S,
  action: string,
  run: (input: z.infer<S>, queue: Queue, caller: Caller) => unknown,
): Operation {
  return (raw, caller) => {
    const input = parse(schema, raw);
    const { QueueUrl, QueueName } = input as { QueueUrl?: string; QueueName?: string };
    const queue = QueueUrl === undefined ? caller.queues.get(QueueName ?? '') : caller.queues.byUrl(QueueUrl);
    caller.queues.authorize(caller.principal, action, queue.name);
    return run(input, queue, caller);
  };
}

export const operations: Readonly<Record<string, Operation>> = {
  CreateQueue(raw, { queues, principal }) {
    const { QueueName, Attributes } = parse(inputs.CreateQueue, raw);
    queues.authorize(principal, 'CreateQueue', QueueName);
    const known = queues.all().find((queue) => queue.name === QueueName);
    if (!known) queues.ensure(QueueName, settingsFrom(QueueName, Attributes));
    return { QueueUrl: queues.url(QueueName) };
  },
  ListQueues(raw, { queues, principal }) {
    const { QueueNamePrefix } = parse(inputs.ListQueues, raw);
    principal.authorize({ action: 'sqs:ListQueues', resource: '*' });
    const names = queues.all().map((queue) => queue.name);
    return { QueueUrls: names.filter((name) => name.startsWith(QueueNamePrefix)).map((name) => queues.url(name)) };
  },
  GetQueueUrl: operation(inputs.GetQueueUrl, 'GetQueueUrl', (_, queue, { queues }) => ({
    QueueUrl: queues.url(queue.name),
  })),
  SetQueueAttributes: operation(inputs.SetQueueAttributes, 'SetQueueAttributes', (input, queue, { queues }) => {
    queues.ensure(queue.name, settingsFrom(queue.name, input.Attributes, queue.settings));
  }),
  GetQueueAttributes: operation(inputs.GetQueueAttributes, 'GetQueueAttributes', (input, queue) => {
    const { visible, inFlight, delayed } = queue.depth();
    const all: Record<string, string> = {
      ...attributesOf(queue.settings, queue.arn),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
    };
    const wanted = ([name]: [string, string]) =>
      input.AttributeNames.includes('All') || input.AttributeNames.includes(name);
    return { Attributes: Object.fromEntries(Object.entries(all).filter(wanted)) };
  }),
  PurgeQueue: operation(inputs.PurgeQueue, 'PurgeQueue', (_, queue) => queue.purge()),
  DeleteQueue: operation(inputs.DeleteQueue, 'DeleteQueue', (_, queue, { queues }) => queues.delete(queue.name)),
  SendMessage: operation(inputs.SendMessage, 'SendMessage', (input, queue) => send(queue, input)),
  SendMessageBatch: operation(inputs.SendMessageBatch, 'SendMessage', (input, queue) => {
    const bytes = input.Entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody), 0);
    if (bytes > BODY_LIMIT_BYTES) {
      throw new ServiceError(
        'com.amazonaws.sqs#BatchRequestTooLong',
        `Batch requests cannot be longer than ${BODY_LIMIT_BYTES} bytes.`,
      );
    }
    return batch(input.Entries, (entry) => send(queue, entry));
  }),
  ReceiveMessage: operation(inputs.ReceiveMessage, 'ReceiveMessage', async (input, queue, { signal }) => {
    const { MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout } = input;
    const deliveries = await queue.receive(MaxNumberOfMessages, 1000 * WaitTimeSeconds, VisibilityTimeout, signal);
    return deliveries.length === 0 ? {} : { Messages: deliveries.map((delivery) => received(delivery, input)) };
  }),
  DeleteMessage: operation(inputs.DeleteMessage, 'DeleteMessage', (input, queue) => queue.remove(input.ReceiptHandle)),
  DeleteMessageBatch: operation(inputs.DeleteMessageBatch, 'DeleteMessage', (input, queue) =>
    batch(input.Entries, (entry) => {
      queue.remove(entry.ReceiptHandle);
      return {};
    }),
  ),
  ChangeMessageVisibility: operation(inputs.ChangeMessageVisibility, 'ChangeMessageVisibility', (input, queue) =>
    queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout),
  ),
  ChangeMessageVisibilityBatch: operation(
    inputs.ChangeMessageVisibilityBatch,
    'ChangeMessageVisibility',
    (input, queue) =>
      batch(input.Entries, (entry) => {
        queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout);
        return {};
      }),
  ),
};

function send(queue: Queue, input: SendInput) {
  const bytes = Buffer.byteLength(input.MessageBody);
  if (bytes === 0) throw missing('MessageBody');
  if (bytes > BODY_LIMIT_BYTES) throw invalid(`Message must be shorter than ${BODY_LIMIT_BYTES} bytes.`);
  if (queue.settings.fifo) {
    if (!input.MessageGroupId) throw missing('MessageGroupId');
    if (!input.MessageDeduplicationId)
      throw invalid('MessageDeduplicationId must be given: it is not taken from content.');
    if (input.DelaySeconds) throw invalid('A FIFO queue delays all messages or none.');
  }
  for (const parameter of ['MessageGroupId', 'MessageDeduplicationId'] as const) {
    const id = input[parameter];
    if (id !== undefined && !ID.test(id))
      throw invalid(`${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
  }
  const message = queue.send({
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    delaySeconds: input.DelaySeconds,
    groupId: input.MessageGroupId,
    deduplicationId: queue.settings.fifo ? input.MessageDeduplicationId : undefined,
  });
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(message.body),
    ...(message.attributes ? { MD5OfMessageAttributes: md5OfAttributes(message.attributes) } : {}),
    ...(queue.settings.fifo ? { SequenceNumber: String(message.order).padStart(20, '0') } : {}),
  };
}

function received({ receiptHandle, message }: Delivery, input: ReceiveInput) {
  const wantedSystem = new Set([...input.AttributeNames, ...input.MessageSystemAttributeNames]);
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => wantedSystem.has('All') || wantedSystem.has(name),
  );
  const own = Object.entries(message.attributes ?? {}).filter(([name]) =>
    input.MessageAttributeNames.some(
      (wanted) =>
        wanted === 'All' || wanted === name || (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2))),
    ),
  );
  const attributes = Object.fromEntries(own);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(own.length > 0 ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) } : {}),
  };
}

/** Runs each entry by itself: one that fails does not keep the others from being done. */
function batch<E extends { Id: string }>(entries: readonly E[], run: (entry: E) => object) {
  if (entries.length === 0)
    throw new ServiceError('com.amazonaws.sqs#EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > BATCH_LIMIT) {
    const message = `Maximum number of entries per request are ${BATCH_LIMIT}. You have sent ${entries.length}.`;
    throw new ServiceError('com.amazonaws.sqs#TooManyEntriesInBatchRequest', message);
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new ServiceError('com.amazonaws.sqs#BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
  }
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful: successful, Failed: failed };
}

function parse<S extends z.ZodType>(schema: S, raw: unknown): z.infer<S> {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function missing(parameter: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

function invalid(reason: string): ServiceError {
  return new ServiceError('InvalidParameterValue', `One or more parameters are invalid. Reason: ${reason}`);
}
