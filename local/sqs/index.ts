import type { ReceivedMessage, ServiceContext, SignedCall, SqsService } from '../contract.ts';
import { answerError, answerJson, ServiceError } from '../http.ts';
import { md5, systemAttributes } from './message.ts';
import { operations } from './operations.ts';
import type { Delivery } from './queue.ts';
import { Queues } from './queues.ts';

/** SQS, standard and FIFO, by its JSON protocol. */
export async function createSqs(context: ServiceContext): Promise<SqsService> {
  const queues = new Queues(context);
  return {
    names: ['sqs'],
    handle: (call) => handle(call, queues),
    async close() {
      for (const queue of queues.all()) queue.close();
    },
    async ensureQueue(name, settings) {
      queues.ensure(name, settings);
      return { url: queues.url(name), arn: queues.arn(name) };
    },
    setQueueGuard: (name, guard) => queues.setGuard(name, guard),
    send: async (name, body, options = {}) => queues.get(name).send({ body, ...options }).id,
    async receive(name, { max, waitMs, visibilitySeconds }) {
      const deliveries = await queues.get(name).receive(max, waitMs, visibilitySeconds);
      return deliveries.map(received);
    },
    async remove(name, receiptHandles) {
      for (const handle of receiptHandles) queues.get(name).remove(handle);
    },
    changeVisibility: async (name, handle, seconds) => queues.get(name).changeVisibility(handle, seconds),
    depth: (name) => queues.get(name).depth(),
  };
}

async function handle({ request, response, principal, body }: SignedCall, queues: Queues): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const name = /^AmazonSQS\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    const operation = operations[name];
    if (!operation)
      throw new ServiceError(
        'InvalidAction',
        `${name || 'a call of the old query protocol'} is not known to the local cloud`,
      );
    const input: unknown = JSON.parse(body?.toString('utf8') || '{}');
    const output = await operation(input, { queues, principal, signal: gone.signal });
    answerJson(response, 200, output ?? {}, { 'content-type': 'application/x-amz-json-1.0' });
  } catch (error) {
    answerError(response, error);
  }
}

function received({ receiptHandle, message }: Delivery): ReceivedMessage {
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
        },
      ]),
    ),
    md5OfBody: md5(message.body),
  };
}
