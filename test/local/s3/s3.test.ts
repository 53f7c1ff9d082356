import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { ObjectEvent } from '../../../local/contract.ts';
import { parsePolicy } from '../../../local/iam/document.ts';
import { guardOf, Role } from '../../../local/iam/principals.ts';
import { ACCOUNT, startAws } from '../aws.ts';
import { temporaryDir } from '../engine/fakes.ts';
import { openFilesBelow, tellsOpenFiles } from '../open-files.ts';

const Bucket = 'exports';

async function start(dataDir = temporaryDir()) {
  const aws = await startAws(dataDir);
  await aws.s3.ensureBucket(Bucket, { versioned: true });
  const s3 = new S3Client(aws.options);
  return {
    ...aws,
    client: s3,
    put: (Key: string, Body = 'x') => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    get: async (Key: string, VersionId?: string) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString(),
    remove: (Key: string, VersionId?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })),
    list: async (input: object = {}) => s3.send(new ListObjectsV2Command({ Bucket, ...input })),
  };
}

describe('versions', () => {
  test('an overwritten object keeps its former version, a deleted one all of them', async () => {
    const { put, get, remove, list } = await start();
    const first = await put('k', 'one');
    const second = await put('k', 'two');
    expect(await get('k')).toBe('two');
    expect(await get('k', first.VersionId)).toBe('one');
    const marker = await remove('k');
    expect(marker.DeleteMarker).toBe(true);
    await expect(get('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect((await list()).Contents).toBeUndefined();
    expect(await get('k', second.VersionId)).toBe('two');
    await remove('k', marker.VersionId);
    expect(await get('k')).toBe('two');
  });

  test('a bucket without versions keeps one, and no file of another', async () => {
    const dataDir = temporaryDir();
    const { s3, put, get } = await start(dataDir);
    await s3.ensureBucket(Bucket, { versioned: false });
    await put('k', 'one');
    await put('k', 'two');
    expect(await get('k')).toBe('two');
    expect(readdirSync(join(dataDir, 's3', Bucket, 'objects'))).toHaveLength(1);
  });
});

describe('listing', () => {
  test('folds folders and pages through objects and folders together', async () => {
    const { put, list } = await start();
    for (const key of ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'e/4', 'f']) await put(key);
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    let pages = 0;
    do {
      const page = await list({ Delimiter: '/', MaxKeys: 2, ContinuationToken });
      seen.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
      ContinuationToken = page.NextContinuationToken;
      pages++;
    } while (ContinuationToken);
    expect(seen.sort()).toEqual(['a', 'b/', 'd', 'e/', 'f']);
    expect(pages).toBe(3);
    expect((await list({ Prefix: 'b/', Delimiter: '/' })).CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);
    expect((await list({ StartAfter: 'd' })).Contents?.map(({ Key }) => Key)).toEqual(['e/4', 'f']);
  });
});

describe('object events', () => {
  test('tell of puts, copies and removals in order, and wait until the listener takes them', async () => {
    const { s3, client, put, remove } = await start();
    const seen: ObjectEvent[] = [];
    let refusals = 1;
    s3.onObjectEvent(Bucket, async (event) => {
      if (refusals-- > 0) throw new Error('not now');
      seen.push(event);
    });
    const { VersionId } = await put('in/ä 1');
    await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/in/%C3%A4%201` }));
    await remove('copy');
    expect(s3.pending()).toBeGreaterThan(0);
    await expect.poll(() => s3.pending(), { timeout: 3_000 }).toBe(0);
    expect(seen.map(({ name, key }) => [name, key])).toEqual([
      ['ObjectCreated:Put', 'in/ä 1'],
      ['ObjectCreated:Copy', 'copy'],
      ['ObjectRemoved:DeleteMarkerCreated', 'copy'],
    ]);
    expect(seen[0]).toMatchObject({ versionId: VersionId, size: 1, bucket: Bucket });
    expect(seen.map(({ sequencer }) => sequencer)).toEqual(seen.map(({ sequencer }) => sequencer).sort());
  });

  test('that nobody took are told after a restart; those that were taken are not', async () => {
    const dataDir = temporaryDir();
    const first = await start(dataDir);
    let taken = 0;
    first.s3.onObjectEvent(Bucket, async () => {
      if (++taken > 1) throw new Error('no');
    });
    await first.put('one');
    await first.put('two');
    await first.stop();
    const second = await start(dataDir);
    const seen: string[] = [];
    second.s3.onObjectEvent(Bucket, async ({ key }) => void seen.push(key));
    await expect.poll(() => seen).toEqual(['two']);
  });
});

describe('permissions', () => {
  const roleWith = (...Statement: object[]) => {
    const role = new Role('r', `arn:aws:iam::${ACCOUNT}:role/r`, ACCOUNT, []);
    role.attach(parsePolicy({ Statement }, 'test'));
    return role.session('run');
  };
  const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/in/*` };
  const status = (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode;

  test('who may not list a bucket is not told what is missing in it', async () => {
    const { optionsOf, put } = await start();
    await put('in/a');
    const ask = (options: object, Key: string) => new S3Client(options).send(new HeadObjectCommand({ Bucket, Key }));
    const reader = optionsOf(roleWith(read));
    await expect(ask(reader, 'in/a')).resolves.toMatchObject({ ContentLength: 1 });
    await expect(ask(reader, 'out/a').catch(status)).resolves.toBe(403);
    await expect(ask(reader, 'in/missing').catch(status)).resolves.toBe(403);
    const lister = optionsOf(
      roleWith(read, { Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${Bucket}` }),
    );
    await expect(ask(lister, 'in/missing').catch(status)).resolves.toBe(404);
  });

  test("a bucket's policy may deny what the caller's allows", async () => {
    const { s3, optionsOf, put } = await start();
    await put('in/a');
    const Principal = { AWS: '*' };
    const deny = { Effect: 'Deny', Principal, Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/in/*` };
    const statements = parsePolicy({ Statement: [deny] }, 'test');
    s3.setBucketGuard(
      Bucket,
      guardOf(() => statements),
    );
    const client = new S3Client(optionsOf(roleWith(read)));
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'in/a' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });
});

test('an upload that a kill cut off leaves no file behind', async () => {
  const dataDir = temporaryDir();
  const first = await start(dataDir);
  await first.put('whole');
  await first.stop();
  const files = join(dataDir, 's3', Bucket, 'objects');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(files, 'half'), 'ha');
  const second = await start(dataDir);
  expect(await second.get('whole')).toBe('x');
  expect(readdirSync(files)).toHaveLength(1);
});

test.runIf(tellsOpenFiles)('a bucket that is deleted leaves no file open', async () => {
  const dataDir = temporaryDir();
  const { client, put, remove } = await start(dataDir);
  const { VersionId } = await put('k');
  await remove('k', VersionId);
  expect(openFilesBelow(join(dataDir, 's3'))).toHaveLength(1);
  await client.send(new DeleteBucketCommand({ Bucket }));
  expect(openFilesBelow(join(dataDir, 's3'))).toEqual([]);
});
