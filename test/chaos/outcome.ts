/** What a run leaves behind, counted from the bucket, in a form in which two runs can be compared. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { isImagePath } from '../../lambdas/domain/keys.ts';
import type { LocalCloud } from '../../local/index.ts';

/** Revision numbers, versions and times differ between runs that say the same. */
const OF_THE_RUN = new Set(['revision', 'versionId', 'uploadedAt', 'readAt', 'scoredAt']);

export interface Outcome {
  /** Keys of image objects in the bucket. */
  images: string[];
  /** Keys of image objects without exactly one current reading. */
  missing: string[];
  /** Keys of current readings without an object. */
  strays: string[];
  /** Current readings that are not of deleted objects, by key. */
  readings: Record<string, unknown>;
  /** Documents of the scores table by sort key. Marks of what was announced depend on time; they have no document. */
  scores: Record<string, unknown>;
}

export async function outcomeOf(cloud: LocalCloud): Promise<Outcome> {
  const options = { endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials };
  const s3 = new S3Client(options);
  const bucket = cloud.outputs['ExportBucketName'] ?? '';
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(options));
  const images = (await allKeys(s3, bucket)).filter((key) => isImagePath(key)).sort();
  const current = (await allItems(dynamo, cloud.outputs['ReadingsTableName'] ?? '')).filter(
    (item) => String(item['sortKey']).startsWith('c#') && item['status'] !== 'deleted',
  );
  const byKey = new Map(current.map((item) => [String(item['key']), item]));
  const scores: Record<string, unknown> = {};
  for (const item of await allItems(dynamo, cloud.outputs['ScoresTableName'] ?? '')) {
    const document = await documentOf(item, s3, bucket);
    if (document !== undefined) scores[String(item['sortKey'])] = comparable(JSON.parse(document));
  }
  return {
    images,
    missing: images.filter((key) => !byKey.has(key)),
    strays: [...byKey.keys()].filter((key) => !images.includes(key)),
    readings: Object.fromEntries([...byKey].sort().map(([key, item]) => [key, comparable(item)])),
    scores,
  };
}

/** The first thing in which two outcomes differ, as a path and both values; undefined when they are equal. */
export function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
  if (isRecord(a) && isRecord(b)) {
    for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
      const difference = firstDifference(a[key], b[key], `${path}/${key}`);
      if (difference) return difference;
    }
    return undefined;
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return undefined;
  return `${path}: ${JSON.stringify(a)?.slice(0, 300)} against ${JSON.stringify(b)?.slice(0, 300)}`;
}

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OF_THE_RUN.has(name))
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([name, item]) => [name, comparable(item)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function documentOf(item: Record<string, unknown>, s3: S3Client, bucket: string): Promise<string | undefined> {
  if (typeof item['document'] === 'string') return item['document'];
  if (item['documentKey'] === undefined) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: String(item['documentKey']) }));
  return (await Body?.transformToString()) ?? '';
}

async function allKeys(s3: S3Client, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'exports/', ContinuationToken: token }),
    );
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    token = page.NextContinuationToken;
  } while (token);
  return keys;
}

async function allItems(dynamo: DynamoDBDocumentClient, table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await dynamo.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ...(start ? { ExclusiveStartKey: start } : {}) }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}
