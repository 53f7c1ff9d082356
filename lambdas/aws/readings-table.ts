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
import type { ImagePlace } from '../domain/keys.ts';
import { type Reading, readingSchema } from '../domain/reads/reading.ts';
import { CURRENT, currentSortKey, historyPrefix, historySortKey, plateKeyOf } from '../domain/reads/reading-keys.ts';
import { documentClient } from './dynamo-client.ts';
import { required } from './environment.ts';

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
   *
   * @throws when the table leaves some unanswered again and again: asking again later is safe.
   */
  async current(places: readonly ImagePlace[]): Promise<Map<string, Reading>> {
    const found = new Map<string, Reading>();
    for (let from = 0; from < places.length; from += MOST_KEYS) {
      const Keys = places.slice(from, from + MOST_KEYS).map(({ study, plate, path }) => ({
        plateKey: plateKeyOf(study, plate),
        sortKey: currentSortKey(path),
      }));
      for (const reading of await this.batch({ [this.table]: { Keys, ConsistentRead: true } }))
        found.set(reading.key, reading);
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
    if (former) await this.put(former, historySortKey(former.path, former.revision));
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
    return this.query(plateKeyOf(study, plate), historyPrefix(path));
  }

  /** A table at its limit answers a part, and names the rest. */
  private async batch(request: NonNullable<BatchGetCommandInput['RequestItems']>): Promise<Reading[]> {
    const readings: Reading[] = [];
    let open = request;
    for (const wait_ms of [...WAITS_MS, undefined]) {
      const { Responses, UnprocessedKeys = {} } = await this.dynamo.send(new BatchGetCommand({ RequestItems: open }));
      for (const item of Responses?.[this.table] ?? []) readings.push(readingSchema.parse(item));
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
      for (const item of page.Items ?? []) readings.push(readingSchema.parse(item));
      start = page.LastEvaluatedKey;
    } while (start);
    return readings;
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
