import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startAws } from '../aws.ts';
import { temporaryDir } from '../engine/fakes.ts';

const Bucket = 'images';
const KIB = 1024;

async function start() {
  const dataDir = temporaryDir();
  const { s3, options } = await startAws(dataDir);
  await s3.ensureBucket(Bucket, { versioned: true });
  const client = new S3Client(options);
  const get = async (Key: string, Range?: string) =>
    Buffer.from(
      (await (await client.send(new GetObjectCommand({ Bucket, Key, Range }))).Body?.transformToByteArray()) ?? [],
    );
  const sizesOnDisk = () => {
    const objects = join(dataDir, 's3', Bucket, 'objects');
    return readdirSync(objects).map((file) => statSync(join(objects, file)).size);
  };
  return { client, get, sizesOnDisk };
}

/** Bytes that are nowhere the same for long, so that a shifted or repeated block shows. */
function bytesOf(size: number, seed: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += 32) parts.push(createHash('sha256').update(`${seed} ${at}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

// Around the size from which files pass the system's cache, around a block, and around the memory that is written at once.
test.each([
  0,
  1,
  4096,
  256 * KIB - 1,
  256 * KIB,
  256 * KIB + 1,
  1024 * KIB - 1,
  1024 * KIB,
  1024 * KIB + 1,
  3 * 1024 * KIB + 4097,
])('an object of %i bytes comes back as it went in, and its file is no longer', async (size) => {
  const { client, get, sizesOnDisk } = await start();
  const body = bytesOf(size, 1);
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: body }));
  expect(ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
  expect((await get('k')).equals(body)).toBe(true);
  expect(sizesOnDisk()).toEqual([size]);
  await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
  expect((await get('copy')).equals(body)).toBe(true);
});

test('a range of a large object begins and ends at any byte', async () => {
  const { client, get } = await start();
  const body = bytesOf(2 * 1024 * KIB + 11, 2);
  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: body }));
  for (const [first, last] of [
    [1, 2 * 1024 * KIB],
    [4095, 1024 * KIB + 4096],
    [1024 * KIB - 1, 1024 * KIB + 300 * KIB],
    [700_001, 700_002],
  ] as const)
    expect((await get('k', `bytes=${first}-${last}`)).equals(body.subarray(first, last + 1))).toBe(true);
  expect((await get('k', 'bytes=-300001')).equals(body.subarray(body.length - 300_001))).toBe(true);
});

test('large objects that come and go at the same time do not get into each other', async () => {
  const { client, get } = await start();
  const bodies = Array.from({ length: 12 }, (_, i) => bytesOf(1024 * KIB + 100_003 * (i + 1), i));
  const keep = async (body: Buffer, i: number): Promise<boolean> => {
    await client.send(new PutObjectCommand({ Bucket, Key: `k${i}`, Body: body }));
    return (await get(`k${i}`)).equals(body);
  };
  expect(await Promise.all(bodies.map(keep))).toEqual(bodies.map(() => true));
});

test('a large object whose bytes are not those that were promised leaves no file', async () => {
  const { client, sizesOnDisk } = await start();
  const put = new PutObjectCommand({
    Bucket,
    Key: 'k',
    Body: bytesOf(1500 * KIB, 3),
    ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==',
  });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  expect(sizesOnDisk()).toEqual([]);
});
