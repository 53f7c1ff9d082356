import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { startAws } from '../aws.ts';

const Bucket = 'exports';

test.each([
  'exports/s1/P1/../a.png',
  'exports/s1/P1/./a.png',
  'exports/s1/P1//a.png',
  'exports/..',
  '../a.png',
  './a.png',
  '..',
  '%2e%2e/a.png',
  'exports/µM 10% + ?&#;=~\'()*!"<>\\|^`{}[]@$:,/a.png',
])('takes the key %s as it is', async (Key) => {
  const { s3, options } = await startAws();
  await s3.ensureBucket(Bucket, { versioned: true });
  const client = new S3Client(options);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  expect((await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((object) => object.Key)).toEqual([
    Key,
  ]);
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await Body?.transformToString()).toBe(Key);
});

test('a presigned address of a key with a space and a plus works', async () => {
  const { s3, options } = await startAws();
  await s3.ensureBucket(Bucket, { versioned: true });
  const client = new S3Client(options);
  const Key = 'exports/a b+c.png';
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const response = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key })));
  expect([response.status, await response.text()]).toEqual([200, 'x']);
});
