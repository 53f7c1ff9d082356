/** The readings table: one current item an image, its history beside it. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Reading, readingSchema } from '../domain/reads/reading.ts';
import { CURRENT, currentSortKey, historyPrefix, historySortKey, plateKeyOf } from '../domain/reads/reading-keys.ts';
import { documentClient } from './dynamo-client.ts';
import { required } from './environment.ts';

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

  /** An image's current reading, as it now stands. */
  async current(study: string, plate: string, path: string): Promise<Reading | undefined> {
    const { Item } = await this.dynamo.send(
      new GetCommand({
        TableName: this.table,
        Key: { plateKey: plateKeyOf(study, plate), sortKey: currentSortKey(path) },
        ConsistentRead: true,
      }),
    );
    return Item && readingSchema.parse(Item);
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
