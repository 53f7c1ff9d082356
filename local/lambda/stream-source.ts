import type { Clock, DynamoService, StreamRecord } from '../contract.ts';
import type { Deliveries } from '../disorder.ts';
import type { Pattern } from '../events/pattern.ts';
import type { KeptText } from '../kept-text.ts';
import type { InvocationResult } from './definition.ts';
import type { LambdaFunction } from './function.ts';
import { failedItems } from './partial-failures.ts';

const WAIT_MS = 500;
const FIRST_RETRY_DELAY_MS = 1_000;
const LONGEST_RETRY_DELAY_MS = 60_000;
/** Streams keep records for a day: none is retried for longer, whatever the settings say. */
const STREAM_RETENTION_SECONDS = 86_400;

export interface StreamSourceSettings {
  tableName: string;
  streamArn: string;
  startAtHorizon: boolean;
  batchSize: number;
  windowSeconds: number;
  bisects: boolean;
  reportsItemFailures: boolean;
  /** Undefined = as long as the records live. */
  maximumRetryAttempts: number | undefined;
  maximumRecordAgeSeconds: number | undefined;
  filters: readonly Pattern[];
  /** Sends what is given up to the failure destination. */
  onFailure: ((body: string) => Promise<void>) | undefined;
}

interface Batch {
  records: StreamRecord[];
  /** Failed invocations so far. */
  failures: number;
}

/** Feeds a function from a table's stream, in order, one batch at a time; its place in the stream is kept on disk. */
export class StreamSource {
  private stopped = false;
  private working = false;
  private loop: Promise<void> | undefined;
  private place: string | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly target: LambdaFunction,
    private readonly settings: StreamSourceSettings,
    private readonly dynamo: DynamoService,
    private readonly checkpoint: KeptText,
    private readonly deliveries: Deliveries,
    private readonly clock: Clock,
    private readonly log: (message: string) => void,
  ) {}

  async start(): Promise<void> {
    this.place = this.checkpoint.read() || undefined;
    if (this.place === undefined && !this.settings.startAtHorizon) await this.skipToEnd();
    this.loop = this.poll();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.loop;
  }

  async idle(): Promise<boolean> {
    if (this.working) return false;
    return (await this.dynamo.readStream(this.settings.tableName, this.place, 1)).length === 0;
  }

  private async poll(): Promise<void> {
    while (!this.stopped) {
      try {
        const records = await this.gather();
        if (records.length === 0) {
          await Promise.race([this.dynamo.waitForStream(this.settings.tableName, WAIT_MS), this.stopping()]);
          continue;
        }
        this.working = true;
        await this.deliver(records);
      } catch (error) {
        if (this.stopped) return;
        this.log(`stream of ${this.settings.tableName}: ${error instanceof Error ? error.message : String(error)}`);
        await this.pause(1_000);
      } finally {
        this.working = false;
      }
    }
  }

  private async gather(): Promise<StreamRecord[]> {
    const { tableName, batchSize, windowSeconds } = this.settings;
    const records = await this.dynamo.readStream(tableName, this.place, batchSize);
    const until = Date.now() + this.clock.scaled(windowSeconds * 1000);
    while (records.length > 0 && records.length < batchSize && Date.now() < until && !this.stopped) {
      await Promise.race([this.dynamo.waitForStream(tableName, until - Date.now()), this.stopping()]);
      const last = records.at(-1)?.sequenceNumber;
      records.push(...(await this.dynamo.readStream(tableName, last, batchSize - records.length)));
    }
    return records;
  }

  private async deliver(records: StreamRecord[]): Promise<void> {
    const wanted = records.filter((one) => this.wants(one));
    const work: Batch[] = wanted.length > 0 ? [{ records: wanted, failures: 0 }] : [];
    for (let batch = work.shift(); batch && !this.stopped; batch = work.shift()) {
      const result = await this.target.invoke({ Records: batch.records.map((one) => one.record) });
      if (this.stopped) return;
      const from = this.firstFailure(batch, result);
      const last = batch.records[from - 1];
      if (last) this.advance(last.sequenceNumber);
      const rest = batch.records.slice(from);
      if (rest.length === 0) continue;
      const progressed = from > 0;
      work.unshift(
        ...(await this.afterFailure({ records: rest, failures: batch.failures + (progressed ? 0 : 1) }, result)),
      );
    }
    const end = records.at(-1);
    if (end && !this.stopped) this.advance(end.sequenceNumber);
    if (wanted.length > 0) {
      this.deliveries.perhapsRepeat(async () => {
        await this.target.invoke({ Records: wanted.map((one) => one.record) });
      });
    }
  }

  /** What is tried next: the two halves, the same again after a pause, or nothing when it is given up. */
  private async afterFailure(batch: Batch, result: InvocationResult): Promise<Batch[]> {
    const { bisects, maximumRetryAttempts } = this.settings;
    if (bisects && batch.records.length > 1) {
      const middle = Math.ceil(batch.records.length / 2);
      return [
        { records: batch.records.slice(0, middle), failures: 0 },
        { records: batch.records.slice(middle), failures: 0 },
      ];
    }
    const exhausted = maximumRetryAttempts !== undefined && batch.failures > maximumRetryAttempts;
    if (exhausted || this.tooOld(batch)) {
      await this.giveUp(batch, result, exhausted ? 'RetryAttemptsExhausted' : 'RecordAgeExceeded');
      return [];
    }
    await this.pause(Math.min(FIRST_RETRY_DELAY_MS * 2 ** (batch.failures - 1), LONGEST_RETRY_DELAY_MS));
    return [batch];
  }

  private firstFailure(batch: Batch, result: InvocationResult): number {
    if (!result.ok) return 0;
    if (!this.settings.reportsItemFailures) return batch.records.length;
    const failed = failedItems(
      result.payload,
      batch.records.map((one) => one.sequenceNumber),
    );
    const first = batch.records.findIndex((one) => failed.has(one.sequenceNumber));
    return first < 0 ? batch.records.length : first;
  }

  private tooOld(batch: Batch): boolean {
    const limitSeconds = Math.min(
      this.settings.maximumRecordAgeSeconds ?? STREAM_RETENTION_SECONDS,
      STREAM_RETENTION_SECONDS,
    );
    const created = createdAt(batch.records[0]);
    return created !== undefined && this.clock.now() - created > this.clock.scaled(limitSeconds * 1000);
  }

  private async giveUp(batch: Batch, result: InvocationResult, condition: string): Promise<void> {
    const [first, last] = [batch.records[0], batch.records.at(-1)];
    this.log(`stream of ${this.settings.tableName}: gave up ${batch.records.length} records (${condition})`);
    await this.settings.onFailure?.(
      JSON.stringify({
        requestContext: {
          requestId: result.requestId,
          functionArn: this.target.definition.arn,
          condition,
          approximateInvokeCount: batch.failures,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: new Date(this.clock.now()).toISOString(),
        DDBStreamBatchInfo: {
          shardId: 'shardId-00000000000000000000-00000000',
          startSequenceNumber: first?.sequenceNumber,
          endSequenceNumber: last?.sequenceNumber,
          approximateArrivalOfFirstRecord: new Date(createdAt(first) ?? 0).toISOString(),
          approximateArrivalOfLastRecord: new Date(createdAt(last) ?? 0).toISOString(),
          batchSize: batch.records.length,
          streamArn: this.settings.streamArn,
        },
      }),
    );
    if (last) this.advance(last.sequenceNumber);
  }

  private wants(record: StreamRecord): boolean {
    return this.settings.filters.length === 0 || this.settings.filters.some((matches) => matches(record.record));
  }

  private async skipToEnd(): Promise<void> {
    for (;;) {
      const last = (await this.dynamo.readStream(this.settings.tableName, this.place, 1_000)).at(-1);
      if (!last) break;
      this.place = last.sequenceNumber;
    }
    // A restart goes on from here, even if nothing was delivered yet.
    this.checkpoint.write(this.place ?? '0');
    this.place ??= '0';
  }

  private advance(sequenceNumber: string): void {
    this.place = sequenceNumber;
    this.checkpoint.write(sequenceNumber);
  }

  private stopping(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.stopped) resolve();
    });
  }

  private async pause(nominalMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.clock.scaled(nominalMs));
    });
    await Promise.race([waited, this.stopping()]);
    clearTimeout(timer);
  }
}

function createdAt(record: StreamRecord | undefined): number | undefined {
  const dynamodb = record?.record.dynamodb;
  if (typeof dynamodb !== 'object' || dynamodb === null || !('ApproximateCreationDateTime' in dynamodb))
    return undefined;
  const seconds = Number(dynamodb.ApproximateCreationDateTime);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
