/**
 * The books of a study, recounted from their two sources: what lies in the bucket, and the current readings.
 * Every image object must have exactly one current reading of its current version; `missing` counts those without, and
 * `strays` the readings whose object is gone.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { parseKey, studyPrefix } from '../lambdas/domain/keys.ts';
import type { Connection } from './connection.ts';

export interface Books {
  images: number;
  /** Images with a viability. */
  readings: number;
  rejected: number;
  /** Images whose current version has no reading yet. */
  missing: number;
  missingKeys: string[];
  /** Readings that still count although their image is gone. */
  strays: number;
  strayKeys: string[];
}

const currentItem = z.object({ key: z.string(), etag: z.string(), status: z.enum(['read', 'rejected', 'deleted']) });

/**
 * @param knownPlates plates that the API tells of: one that the bucket holds no more may still have readings.
 * @returns the books of one study.
 */
export async function recount(
  connection: Connection,
  study: string,
  knownPlates: readonly string[] = [],
): Promise<Books> {
  const objects = await imagesInBucket(connection, study);
  const readings = new Map<string, z.infer<typeof currentItem>>();
  for (const plate of new Set([...objects.map((object) => object.plate), ...knownPlates])) {
    for await (const item of currentReadings(connection, `${study}/${plate}`)) readings.set(item.key, item);
  }
  const books: Books = {
    images: objects.length,
    readings: 0,
    rejected: 0,
    missing: 0,
    missingKeys: [],
    strays: 0,
    strayKeys: [],
  };
  for (const { key, etag } of objects) {
    const reading = readings.get(key);
    readings.delete(key);
    if (reading?.etag === etag && reading.status === 'read') books.readings += 1;
    else if (reading?.etag === etag && reading.status === 'rejected') books.rejected += 1;
    else books.missingKeys.push(key);
  }
  for (const { key, status } of readings.values()) if (status !== 'deleted') books.strayKeys.push(key);
  return { ...books, missing: books.missingKeys.length, strays: books.strayKeys.length };
}

interface ImageObject {
  key: string;
  plate: string;
  etag: string;
}

async function imagesInBucket({ aws, output }: Connection, study: string): Promise<ImageObject[]> {
  const images: ImageObject[] = [];
  const pages = paginateListObjectsV2(
    { client: new S3Client(aws) },
    { Bucket: output('ExportBucketName'), Prefix: studyPrefix(study) },
  );
  for await (const page of pages) {
    for (const { Key: key, ETag: etag } of page.Contents ?? []) {
      const parsed = key === undefined ? undefined : parseKey(key);
      if (key !== undefined && parsed?.kind === 'image')
        images.push({ key, plate: parsed.plate, etag: unquoted(etag ?? '') });
    }
  }
  return images;
}

async function* currentReadings(
  { aws, output }: Connection,
  plateKey: string,
): AsyncGenerator<z.infer<typeof currentItem>> {
  const pages = paginateQuery(
    { client: DynamoDBDocumentClient.from(new DynamoDBClient(aws)) },
    {
      TableName: output('ReadingsTableName'),
      ConsistentRead: true,
      KeyConditionExpression: 'plateKey = :plate AND begins_with(sortKey, :current)',
      ExpressionAttributeValues: { ':plate': plateKey, ':current': 'c#' },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const reading = currentItem.parse(item);
      yield { ...reading, etag: unquoted(reading.etag) };
    }
  }
}

const unquoted = (etag: string): string => etag.replaceAll('"', '');
