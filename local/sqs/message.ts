import { createHash } from 'node:crypto';

export interface MessageAttribute {
  DataType: string;
  StringValue?: string | undefined;
  BinaryValue?: string | undefined;
}

/** A message as it is kept. `order` is its place in the queue, for ever growing. */
export interface StoredMessage {
  id: string;
  order: number;
  body: string;
  attributes: Record<string, MessageAttribute> | undefined;
  sentAt: number;
  /** Not to be received before; 0 = at once. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  groupId: string | undefined;
  deduplicationId: string | undefined;
  /** The queue that gave it up. */
  deadLetterSourceArn: string | undefined;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** SQS's digest of message attributes: sorted names, each part with its length before it. */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string {
  const digest = createHash('md5');
  const write = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const [name, attribute] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    write(Buffer.from(name));
    write(Buffer.from(attribute.DataType));
    const binary = attribute.BinaryValue !== undefined;
    digest.update(Buffer.from([binary ? 2 : 1]));
    write(Buffer.from(attribute.BinaryValue ?? attribute.StringValue ?? '', binary ? 'base64' : 'utf8'));
  }
  return digest.digest('hex');
}

/** What ReceiveMessage calls system attributes. */
export function systemAttributes(message: StoredMessage): Record<string, string> {
  return {
    SenderId: 'local',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(message.groupId === undefined
      ? {}
      : {
          MessageGroupId: message.groupId,
          MessageDeduplicationId: message.deduplicationId ?? '',
          SequenceNumber: String(message.order).padStart(20, '0'),
        }),
    ...(message.deadLetterSourceArn ? { DeadLetterQueueSourceArn: message.deadLetterSourceArn } : {}),
  };
}
