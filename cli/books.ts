/**
 * The books of a study, recounted from their two sources: what lies in the bucket, and the current readings.
 * Every image object must have exactly one current reading of its current version; `missing` counts those without.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { parseKey } from '../lambdas/domain/keys.ts';
import type { Connection } from './connection.ts';

export interface Books {
  images: number;
  /** Images with a viability. */
  readings: number;
  rejected: number;
  /** Images whose current version has no reading yet. */
  missing: number;
  missingKeys: string[];
}

const currentItem = z.object({ key: z.string(), etag: z.string(), status: z.enum(['read', 'rejected', 'deleted']) });

/** @returns the books of one study, or of one plate of it. */
export async function recount(connection: Connection, study: string, plate?: string): Promise<Books> {
  const objects = await imagesInBucket(connection.output('ExportBucketName'), study, plate);
  const plates = new Set(objects.map((object) => object.plate));
  const statusOf = new Map<string, string>();
  for (const name of plates) {
    for await (const item of currentReadings(connection.output('ReadingsTableName'), `${study}/${name}`)) {
      statusOf.set(`${item.key}\n${item.etag}`, item.status);
    }
  }
  const books: Books = { images: objects.length, readings: 0, rejected: 0, missing: 0, missingKeys: [] };
  for (const object of objects) {
    const status = statusOf.get(`${object.key}\n${object.etag}`);
    if (status === 'read') books.readings += 1;
    else if (status === 'rejected') books.rejected += 1;
    else {
      books.missing += 1;
      books.missingKeys.push(object.key);
    }
  }
  return books;
}

interface ImageObject {
  key: string;
  plate: string;
  etag: string;
}

async function imagesInBucket(bucket: string, study: string, plate?: string): Promise<ImageObject[]> {
  const images: ImageObject[] = [];
  const prefix = plate === undefined ? `exports/${study}/` : `exports/${study}/${plate}/`;
  for await (const page of paginateListObjectsV2({ client: new S3Client({}) }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key: key, ETag: etag } of page.Contents ?? []) {
      const parsed = key === undefined ? undefined : parseKey(key);
      if (key !== undefined && parsed?.kind === 'image')
        images.push({ key, plate: parsed.plate, etag: unquoted(etag ?? '') });
    }
  }
  return images;
}

async function* currentReadings(table: string, plateKey: string): AsyncGenerator<z.infer<typeof currentItem>> {
  const pages = paginateQuery(
    { client: DynamoDBDocumentClient.from(new DynamoDBClient({})) },
    {
      TableName: table,
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
