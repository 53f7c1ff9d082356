/** The scores table: one partition a study, one item for each thing that is asked for. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { documentClient } from './dynamo-client.ts';
import { required } from './environment.ts';

const SCHEMA = 1;

const headSchema = z.object({
  sortKey: z.string(),
  /** Counts the changes of this item. */
  revision: z.number().int(),
  /** When it last changed, ISO 8601. */
  scoredAt: z.string().optional(),
  /** Of the document: equal scores are not written again. */
  sha256: z.string(),
  /** Verdict of a compound on one day. */
  verdict: z.string().optional(),
  /** Verdict that was last announced, where that is another: `verdict` waits to settle. */
  announced: z.string().optional(),
  /** Of a plate: of what its scores were made from. Beside the document, so that the sweep need not read that. */
  inputsDigest: z.string().optional(),
});
const sortKeySchema = headSchema.pick({ sortKey: true });
/** An item without its document. */
export type ScoreHead = z.infer<typeof headSchema>;

const itemSchema = headSchema.extend({
  /** JSON text: DynamoDB's numbers end at 10^125, and a flat curve's IC50 need not. */
  document: z.string().optional(),
  /** Where the document is in the export bucket, when an item (400 KB) cannot hold it. */
  documentKey: z.string().optional(),
});
export type ScoreItem = z.infer<typeof itemSchema>;

/** A partition that lists the studies that have scores. No folder's name holds a slash, so no study is called so. */
const REGISTER = '/studies';

const threeDigits = (day: number): string => String(day).padStart(3, '0');

export const scoreKeys = {
  study: 'study',
  plate: (plate: string): string => `plate#${plate}`,
  day: (day: number): string => `day#${threeDigits(day)}`,
  plates: 'plate#',
  /** The plate that an item is of, or undefined when it is not one of a plate. */
  plateOf: (sortKey: string): string | undefined =>
    sortKey.startsWith('plate#') ? sortKey.slice('plate#'.length) : undefined,
  compound: (compound: string, day: number): string => `compound#${compound}#day#${threeDigits(day)}`,
  compoundDays: (compound: string): string => `compound#${compound}#day#`,
  /** A compound over the days. */
  course: (compound: string): string => `course#${compound}`,
  allMarkers: 'marker#',
  marker: (plate: string, day: number, type: string): string => `marker#${plate}#${threeDigits(day)}#${type}`,
  markers: (plate: string): string => `marker#${plate}#`,
};

export class ScoresTable {
  constructor(
    private readonly dynamo: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  static fromEnv(): ScoresTable {
    return new ScoresTable(documentClient(), required('SCORES_TABLE'));
  }

  /** One item, as it now stands. */
  async get(study: string, sortKey: string): Promise<ScoreItem | undefined> {
    const { Item } = await this.dynamo.send(
      new GetCommand({ TableName: this.table, Key: { study, sortKey }, ConsistentRead: true }),
    );
    return Item && itemSchema.parse(Item);
  }

  /** The items of a study whose sort key begins with a prefix, as they now stand, in order of it. */
  async list(study: string, prefix: string): Promise<ScoreItem[]> {
    const items = await this.query({
      KeyConditionExpression: 'study = :study AND begins_with(sortKey, :prefix)',
      ExpressionAttributeValues: { ':study': study, ':prefix': prefix },
    });
    return items.map((item) => itemSchema.parse(item));
  }

  /** All items of a study, without their documents. */
  async heads(study: string): Promise<ScoreHead[]> {
    const items = await this.query({
      KeyConditionExpression: 'study = :study',
      ExpressionAttributeValues: { ':study': study },
      ProjectionExpression: 'sortKey, revision, sha256, verdict, announced, scoredAt, inputsDigest',
    });
    return items.map((item) => headSchema.parse(item));
  }

  /** Names of the studies that have scores, in order. */
  async studies(): Promise<string[]> {
    return this.sortKeys(REGISTER, '');
  }

  /** Names of a study's plates that have scores, in order. */
  async plates(study: string): Promise<string[]> {
    const sortKeys = await this.sortKeys(study, scoreKeys.plates);
    return sortKeys.flatMap((sortKey) => scoreKeys.plateOf(sortKey) ?? []);
  }

  /** Lists a study among those that have scores, before its first is written. */
  async register(study: string): Promise<void> {
    await this.dynamo.send(
      new PutCommand({ TableName: this.table, Item: { study: REGISTER, sortKey: study, schema: SCHEMA } }),
    );
  }

  /** Takes a study from that list, after its last score went. */
  async unregister(study: string): Promise<void> {
    await this.remove(REGISTER, study);
  }

  /** Writes an item. One writer a study, by its FIFO group: so it needs no condition. */
  async put(study: string, item: ScoreItem): Promise<void> {
    await this.dynamo.send(new PutCommand({ TableName: this.table, Item: { study, schema: SCHEMA, ...item } }));
  }

  async remove(study: string, sortKey: string): Promise<void> {
    await this.dynamo.send(new DeleteCommand({ TableName: this.table, Key: { study, sortKey } }));
  }

  /** Sets a mark, unless it is set. */
  async mark(study: string, sortKey: string): Promise<void> {
    try {
      await this.dynamo.send(
        new PutCommand({
          TableName: this.table,
          Item: { study, sortKey, schema: SCHEMA, revision: 1, sha256: '' },
          ConditionExpression: 'attribute_not_exists(sortKey)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  private async sortKeys(study: string, prefix: string): Promise<string[]> {
    const items = await this.query({
      // An empty prefix is no value of a key condition.
      KeyConditionExpression: prefix === '' ? 'study = :study' : 'study = :study AND begins_with(sortKey, :prefix)',
      ExpressionAttributeValues: { ':study': study, ...(prefix === '' ? {} : { ':prefix': prefix }) },
      ProjectionExpression: 'sortKey',
    });
    return items.map((item) => sortKeySchema.parse(item).sortKey);
  }

  private async query(question: {
    KeyConditionExpression: string;
    ExpressionAttributeValues: Record<string, unknown>;
    ProjectionExpression?: string;
  }): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.dynamo.send(
        new QueryCommand({
          TableName: this.table,
          ConsistentRead: true,
          ...question,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }
}
