/** Messages that failed for good: looked at without taking them away, and sent back where they came from. */
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import type { Connection } from './connection.ts';

/** Each dead-letter queue and the queue that its messages belong to, by stack output. */
const QUEUES = [
  { stage: 'preprocess', dead: 'IntakeDeadLetterQueueUrl', source: 'IntakeQueueUrl' },
  { stage: 'score', dead: 'ScoringDeadLetterQueueUrl', source: 'ScoringQueueUrl' },
  { stage: 'sweep', dead: 'SweepDeadLetterQueueUrl', source: 'SweepQueueUrl' },
] as const;

export interface DeadLetter {
  stage: string;
  body: string;
  /** How often it was tried. */
  receives: number;
  redrive(): Promise<void>;
}

/** Long enough to redrive what was listed; afterwards the others are visible again. */
const LOOK_SECONDS = 30;
const MAX_LETTERS = 1000;

/** Dead letters whose text names the study (as a key or a message). */
export async function deadLettersOf(connection: Connection, study: string, plate?: string): Promise<DeadLetter[]> {
  const sqs = new SQSClient({});
  const letters: DeadLetter[] = [];
  for (const { stage, dead, source } of QUEUES) {
    const from = connection.output(dead);
    const to = connection.output(source);
    for (let seen = 0; seen < MAX_LETTERS; ) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: from,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: LOOK_SECONDS,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      if (Messages.length === 0) break;
      seen += Messages.length;
      for (const { Body: body = '', ReceiptHandle, Attributes } of Messages) {
        if (!concerns(body, study, plate)) continue;
        letters.push({
          stage,
          body,
          receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
          redrive: async () => {
            const fifo = to.endsWith('.fifo') ? { MessageGroupId: study, MessageDeduplicationId: ulid() } : {};
            await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body, ...fifo }));
            await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle }));
          },
        });
      }
    }
  }
  return letters;
}

/** Keys in S3 events are URL-encoded, with + for a space. */
function concerns(body: string, study: string, plate: string | undefined): boolean {
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
