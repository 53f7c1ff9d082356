import type { Clock, ReceivedMessage, SqsService } from '../contract.ts';
import type { Pattern } from '../events/pattern.ts';
import type { LambdaFunction } from './function.ts';
import { failedItems } from './partial-failures.ts';

/** Most that one ReceiveMessage call gives. */
const RECEIVE_LIMIT = 10;
const LONG_POLL_MS = 300;

export interface QueueSourceSettings {
  queueName: string;
  queueArn: string;
  fifo: boolean;
  region: string;
  batchSize: number;
  windowSeconds: number;
  maximumConcurrency: number | undefined;
  reportsItemFailures: boolean;
  filters: readonly Pattern[];
}

/**
 * Feeds a function from a queue: gathers a batch, invokes, deletes what was done. What failed stays in the queue and
 * comes again when its visibility timeout ends, as in AWS.
 */
export class QueueSource {
  private readonly running = new Set<Promise<void>>();
  private stopped = false;
  private loop: Promise<void> | undefined;
  private readonly endings: (() => void)[] = [];

  constructor(
    private readonly target: LambdaFunction,
    private readonly settings: QueueSourceSettings,
    private readonly sqs: SqsService,
    private readonly clock: Clock,
    private readonly log: (message: string) => void,
  ) {}

  start(): void {
    this.loop = this.poll();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const ending of this.endings.splice(0)) ending();
    await this.loop;
    await Promise.allSettled(this.running);
  }

  idle(): boolean {
    const { visible, inFlight, delayed } = this.sqs.depth(this.settings.queueName);
    return this.running.size === 0 && visible + inFlight + delayed === 0;
  }

  private async poll(): Promise<void> {
    const limit = this.settings.maximumConcurrency ?? Number.POSITIVE_INFINITY;
    while (!this.stopped) {
      try {
        await this.target.slots.whenFree();
        while (this.running.size >= limit && !this.stopped)
          await new Promise<void>((resolve) => this.endings.push(resolve));
        if (this.stopped) return;
        const batch = await this.gather();
        if (batch.length > 0) {
          const work = this.process(batch)
            .catch((error: unknown) => this.complain(error))
            .finally(() => {
              this.running.delete(work);
              this.endings.shift()?.();
            });
          this.running.add(work);
        }
      } catch (error) {
        if (this.stopped) return;
        this.complain(error);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Messages until the batch is full or its window, counted from the first one, has passed. */
  private async gather(): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds, queueName } = this.settings;
    const batch: ReceivedMessage[] = [];
    let waitMs = LONG_POLL_MS;
    let until: number | undefined;
    while (!this.stopped && batch.length < batchSize) {
      const max = Math.min(RECEIVE_LIMIT, batchSize - batch.length);
      const received = await this.sqs.receive(queueName, { max, waitMs });
      batch.push(...received);
      if (batch.length === 0) return batch;
      until ??= Date.now() + this.clock.scaled(windowSeconds * 1000);
      waitMs = Math.max(0, until - Date.now());
      if (waitMs === 0 && received.length < max) break;
    }
    return batch;
  }

  private async process(batch: ReceivedMessage[]): Promise<void> {
    const { queueName, reportsItemFailures } = this.settings;
    const records = batch.map((message) => ({ message, record: this.record(message) }));
    const wanted = records.filter(({ record }) => this.wants(record));
    const done = new Set(batch.filter((message) => !wanted.some((one) => one.message === message)));
    if (wanted.length > 0) {
      const result = await this.target.invoke({ Records: wanted.map(({ record }) => record) });
      if (result.ok) {
        const ids = wanted.map(({ message }) => message.messageId);
        const failed = reportsItemFailures ? failedItems(result.payload, ids) : new Set<string>();
        for (const { message } of wanted) if (!failed.has(message.messageId)) done.add(message);
      }
    }
    if (done.size > 0) {
      await this.sqs.remove(
        queueName,
        [...done].map((message) => message.receiptHandle),
      );
    }
  }

  private complain(error: unknown): void {
    if (!this.stopped) this.log(`queue ${this.settings.queueName}: ${error instanceof Error ? error.message : error}`);
  }

  private wants(record: { body: string }): boolean {
    if (this.settings.filters.length === 0) return true;
    const seen = { ...record, body: parsedIfJson(record.body) };
    return this.settings.filters.some((matches) => matches(seen));
  }

  private record(message: ReceivedMessage) {
    const messageAttributes = Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, attribute]) => [
        name,
        { ...attribute, stringListValues: [], binaryListValues: [] },
      ]),
    );
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: message.attributes,
      messageAttributes,
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.settings.queueArn,
      awsRegion: this.settings.region,
    };
  }
}

function parsedIfJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
