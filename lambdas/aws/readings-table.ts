/** The readings table: one current item an image, its history beside it. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { type ImagePlace, imageKey } from '../domain/keys.ts';
import { type Reading, readingSchema } from '../domain/reads/reading.ts';
import {
  CURRENT,
  currentSortKey,
  historyPrefix,
  historySortKey,
  plateKeyOf,
  secondHistorySortKey,
} from '../domain/reads/reading-keys.ts';
import { documentClient } from './dynamo-client.ts';
import { required } from './environment.ts';
import { UnreadableReading } from './unreadable-reading.ts';

/** Keys that one BatchGetItem takes. */
const MOST_KEYS = 100;
const WAITS_MS = [50, 100, 200, 400];

/** Somebody else changed the item meanwhile: look again. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
}

export class ReadingsTable {
  constructor(
    private readonly dynamo: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  static fromEnv(): ReadingsTable {
    return new ReadingsTable(documentClient(), required('READINGS_TABLE'));
  }

  /**
   * The current readings of images, as they now stand, by their S3 key; nothing for those that have none. Each image is named once.
   * One that does not parse concerns its own image alone, so it is given as the error that names it.
   *
   * @throws when the table leaves some unanswered again and again: asking again later is safe.
   */
  async current(places: readonly ImagePlace[]): Promise<Map<string, Reading | UnreadableReading>> {
    const found = new Map<string, Reading | UnreadableReading>();
    for (let from = 0; from < places.length; from += MOST_KEYS) {
      const asked = places.slice(from, from + MOST_KEYS);
      const Keys = asked.map(({ study, plate, path }) => ({
        plateKey: plateKeyOf(study, plate),
        sortKey: currentSortKey(path),
      }));
      const readings = await this.batch({ [this.table]: { Keys, ConsistentRead: true } });
      for (const { study, plate, path } of asked) {
        const reading = readings.get(nameOf(plateKeyOf(study, plate), currentSortKey(path)));
        if (reading) found.set(imageKey(study, plate, path), reading);
      }
    }
    return found;
  }

  /**
   * Keeps the next revision of an image's reading, and the former one as history.
   *
   * @throws RevisionConflict when the current item is no longer `former`.
   */
  async keep(next: Reading, former: Reading | undefined): Promise<void> {
    // History first: if the process dies in between, the copy is written again under the same key.
    if (former) await this.putHistory(former);
    const condition = former
      ? { ConditionExpression: 'revision = :former', ExpressionAttributeValues: { ':former': former.revision } }
      : { ConditionExpression: 'attribute_not_exists(plateKey)' };
    try {
      await this.put(next, currentSortKey(next.path), condition);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw new RevisionConflict(next.key);
      throw error;
    }
  }

  /** All current readings of a plate, as they now stand, deleted ones included. */
  async ofPlate(study: string, plate: string): Promise<Reading[]> {
    return this.query(plateKeyOf(study, plate), CURRENT);
  }

  /** An image's earlier readings, oldest first. */
  async history(study: string, plate: string, path: string): Promise<Reading[]> {
    const found = await this.query(plateKeyOf(study, plate), historyPrefix(path));
    return found.filter((reading) => reading.path === path);
  }

  /** By {@link nameOf}. A table at its limit answers a part, and names the rest. */
  private async batch(
    request: NonNullable<BatchGetCommandInput['RequestItems']>,
  ): Promise<Map<string, Reading | UnreadableReading>> {
    const readings = new Map<string, Reading | UnreadableReading>();
    let open = request;
    for (const wait_ms of [...WAITS_MS, undefined]) {
      const { Responses, UnprocessedKeys = {} } = await this.dynamo.send(new BatchGetCommand({ RequestItems: open }));
      for (const item of Responses?.[this.table] ?? []) {
        const { plateKey, sortKey } = itemKey.parse(item);
        readings.set(nameOf(plateKey, sortKey), readingOf(item));
      }
      if (Object.keys(UnprocessedKeys).length === 0) return readings;
      open = UnprocessedKeys;
      // Jitter, so that the functions that were left waiting together do not come back together.
      if (wait_ms !== undefined) await pause(wait_ms * (0.5 + Math.random()));
    }
    throw new Error(`the table leaves readings unanswered after ${WAITS_MS.length} repetitions`);
  }

  private async query(plateKey: string, prefix: string): Promise<Reading[]> {
    const readings: Reading[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.dynamo.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'plateKey = :plate AND begins_with(sortKey, :prefix)',
          ExpressionAttributeValues: { ':plate': plateKey, ':prefix': prefix },
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      for (const item of page.Items ?? []) {
        const reading = readingOf(item);
        if (reading instanceof UnreadableReading) throw reading;
        readings.push(reading);
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return readings;
  }

  /** Revisions begin again where an item was deleted by hand: what was read before stays, and the other goes beside it. */
  private async putHistory(reading: Reading): Promise<void> {
    const { path, revision, readAt } = reading;
    try {
      await this.put(reading, historySortKey(path, revision), {
        ConditionExpression: 'attribute_not_exists(sortKey) OR readAt = :readAt',
        ExpressionAttributeValues: { ':readAt': readAt },
      });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      await this.put(reading, secondHistorySortKey(path, revision, readAt));
    }
  }

  private async put(
    reading: Reading,
    sortKey: string,
    condition: { ConditionExpression?: string; ExpressionAttributeValues?: Record<string, unknown> } = {},
  ): Promise<void> {
    await this.dynamo.send(
      new PutCommand({
        TableName: this.table,
        Item: { plateKey: plateKeyOf(reading.study, reading.plate), sortKey, ...reading },
        ...condition,
      }),
    );
  }
}

const itemKey = z.object({ plateKey: z.string(), sortKey: z.string() });
/** Unambiguous, whatever stands in either. */
const nameOf = (plateKey: string, sortKey: string): string => JSON.stringify([plateKey, sortKey]);

function readingOf(item: unknown): Reading | UnreadableReading {
  const parsed = readingSchema.safeParse(item);
  if (parsed.success) return parsed.data;
  const { plateKey, sortKey } = itemKey.parse(item);
  return new UnreadableReading(plateKey, sortKey, parsed.error);
}
