/** The queues between the functions. */
import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RecheckMessage, ScoreMessage, SweepMessage } from '../domain/messages.ts';
import { required } from './environment.ts';

/** SQS takes so many messages a call. */
const BATCH = 10;

/** Work of which the order does not matter. */
export class WorkQueue<Message> {
  constructor(
    private readonly sqs: SQSClient,
    private readonly url: string,
  ) {}

  /** @throws when SQS refused any of them. */
  async send(messages: readonly Message[]): Promise<void> {
    for (let from = 0; from < messages.length; from += BATCH) {
      const Entries = messages.slice(from, from + BATCH).map((message, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
      }));
      const { Failed } = await this.sqs.send(new SendMessageBatchCommand({ QueueUrl: this.url, Entries }));
      const [failed] = Failed ?? [];
      if (failed) throw new Error(`SQS refused ${Failed?.length} of ${Entries.length} messages: ${failed.Message}`);
    }
  }
}

export const intakeQueueFromEnv = (): WorkQueue<RecheckMessage> =>
  new WorkQueue(new SQSClient({}), required('INTAKE_QUEUE_URL'));
export const sweepQueueFromEnv = (): WorkQueue<SweepMessage> =>
  new WorkQueue(new SQSClient({}), required('SWEEP_QUEUE_URL'));

/** Requests to score: in order within a study, one batch of a study at a time. */
export class ScoringQueue {
  constructor(
    private readonly sqs: SQSClient,
    private readonly url: string,
  ) {}

  static fromEnv(): ScoringQueue {
    return new ScoringQueue(new SQSClient({}), required('SCORING_QUEUE_URL'));
  }

  async request(study: string): Promise<void> {
    const message: ScoreMessage = { kind: 'score', study };
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.url,
        MessageBody: JSON.stringify(message),
        MessageGroupId: groupOf(study),
        // Unique: deduplication would drop a request for five minutes, even when the former is already done.
        MessageDeduplicationId: randomUUID(),
      }),
    );
  }
}

/** Group ids are at most 128 characters of ASCII letters, digits and punctuation; study names are what S3 keys allow. */
export function groupOf(study: string): string {
  const encoded = encodeURIComponent(study);
  return encoded.length <= 128 ? encoded : encoded.slice(-128);
}
