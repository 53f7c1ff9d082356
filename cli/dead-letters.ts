/** Messages that failed for good: looked at without taking them away, and sent back where they came from. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { groupOf } from '../lambdas/aws/work-queue.ts';
import type { Connection } from './connection.ts';

/** Each dead-letter queue and the queue that its messages belong to, by stack output. */
const QUEUES = [
  { stage: 'preprocess', dead: 'IntakeDeadLetterQueueUrl', source: 'IntakeQueueUrl' },
  { stage: 'score', dead: 'ScoringDeadLetterQueueUrl', source: 'ScoringQueueUrl' },
  { stage: 'sweep', dead: 'SweepDeadLetterQueueUrl', source: 'SweepQueueUrl' },
] as const;

export interface DeadLetter {
  stage: (typeof QUEUES)[number]['stage'];
  body: string;
}

/** Hides what was seen while the rest of the queue is looked at. */
const LOOK_SECONDS = 60;
/** A long poll asks all of SQS's servers, so an empty answer means an empty queue; a short one asks a few of them. */
const WAIT_SECONDS = 1;
/** The most that one call receives, or releases. */
const BATCH = 10;
const MAX_LETTERS = 1000;

/** A study, or one plate of it. */
export interface Scope {
  study: string;
  plate?: string | undefined;
}

/**
 * The dead letters whose text names the study (as a key or a message). All stay where they are, visible to who looks next.
 * Of a study's requests to score the first ten are seen: SQS holds a FIFO group back behind those.
 */
export async function listDeadLetters(connection: Connection, scope: Scope): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await lookThrough(connection, scope, async (letter) => {
    letters.push(letter);
    return 'stays';
  });
  const order = QUEUES.map(({ stage }) => stage);
  return letters.sort((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
}

/** Sends the scope's dead letters back to where they came from. @returns how many. */
export async function redriveDeadLetters(connection: Connection, scope: Scope): Promise<number> {
  let redriven = 0;
  await lookThrough(connection, scope, async ({ body }, { sqs, source }) => {
    const fifo = source.endsWith('.fifo')
      ? { MessageGroupId: groupOf(scope.study), MessageDeduplicationId: ulid() }
      : {};
    await sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody: body, ...fifo }));
    redriven += 1;
    return 'goes';
  });
  return redriven;
}

type Visit = (letter: DeadLetter, queue: { sqs: SQSClient; source: string }) => Promise<'stays' | 'goes'>;

/** Shows every dead letter of the scope to `visit`, which says whether it goes; what stays is visible again at the end. */
async function lookThrough(connection: Connection, scope: Scope, visit: Visit): Promise<void> {
  const sqs = new SQSClient(connection.aws);
  await Promise.all(
    QUEUES.map(async ({ stage, dead, source }) => {
      const queue = { sqs, source: connection.output(source) };
      const from = connection.output(dead);
      const kept = new Map<string, string>();
      try {
        for await (const { MessageId = '', Body: body = '', ReceiptHandle = '' } of received(sqs, from)) {
          // One that shows itself again was looked at for too long; what was said of it stands.
          const isNew = !kept.has(MessageId);
          kept.set(MessageId, ReceiptHandle);
          if (!isNew || !concerns(body, scope) || (await visit({ stage, body }, queue)) === 'stays') continue;
          await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle }));
          kept.delete(MessageId);
        }
      } finally {
        await release(sqs, from, [...kept.values()]);
      }
    }),
  );
}

async function* received(sqs: SQSClient, url: string): AsyncGenerator<Message> {
  for (let seen = 0; seen < MAX_LETTERS; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: LOOK_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
      }),
    );
    if (Messages.length === 0) return;
    seen += Messages.length;
    yield* Messages;
  }
}

/** Makes messages visible at once. One that cannot be is so after {@link LOOK_SECONDS} by itself. */
async function release(sqs: SQSClient, url: string, receiptHandles: readonly string[]): Promise<void> {
  for (let from = 0; from < receiptHandles.length; from += BATCH) {
    const Entries = receiptHandles
      .slice(from, from + BATCH)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
  }
}

/** Keys in S3 events are URL-encoded, with + for a space. */
function concerns(body: string, { study, plate }: Scope): boolean {
  const text = decode(body.replaceAll('+', ' '));
  const inKey = text.includes(`exports/${study}/${plate === undefined ? '' : `${plate}/`}`);
  const inMessage =
    text.includes(`"study":${JSON.stringify(study)}`) &&
    (plate === undefined || text.includes(`"plate":${JSON.stringify(plate)}`));
  return inKey || inMessage;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
