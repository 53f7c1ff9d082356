import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { statusCommand } from '../../cli/commands/status.ts';
import { fakeStack, studyState } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

async function stackOf(plates: readonly string[]) {
  const stack = await fakeStack({ '/v1/studies/s': { body: studyState('s', plates) } });
  const s3 = new S3Client(stack.aws.options);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(stack.aws.options));
  return {
    put: async (path: string): Promise<string> =>
      (await s3.send(new PutObjectCommand({ Bucket: 'exports', Key: `exports/s/${path}`, Body: path }))).ETag ?? '',
    read: async (path: string, etag: string, status = 'read') => {
      const [plate, name] = path.split('/');
      const Item = { plateKey: `s/${plate}`, sortKey: `c#${name}`, key: `exports/s/${path}`, etag, status };
      await dynamo.send(new PutCommand({ TableName: 'readings', Item }));
    },
    status: async () => {
      const json = await runCommand(statusCommand(), ['s', '--json']);
      const text = await runCommand(statusCommand(), ['s']);
      return { books: JSON.parse(json.stdout).books, text: text.stdout, exitCode: text.exitCode };
    },
  };
}

it('balances when every image has the reading of its version', async () => {
  const { put, read, status } = await stackOf(['P1']);
  await read('P1/a.tif', await put('P1/a.tif'));
  await read('P1/b.tif', await put('P1/b.tif'), 'rejected');
  await read('P1/gone.tif', '"x"', 'deleted');
  await put('P1/platemap.csv');
  const { books, text, exitCode } = await status();
  expect(books).toMatchObject({ images: 2, readings: 1, rejected: 1, missing: 0, strays: 0 });
  expect(text).toContain('2 images = 1 read + 1 rejected + 0 missing\n');
  expect(exitCode).toBe(0);
});

it('names images without a reading of their version', async () => {
  const { put, read, status } = await stackOf(['P1']);
  await put('P1/a.tif');
  await put('P1/b.tif');
  await read('P1/b.tif', '"of another version"');
  const { books, text, exitCode } = await status();
  expect(books).toMatchObject({ missing: 2, missingKeys: ['exports/s/P1/a.tif', 'exports/s/P1/b.tif'], strays: 0 });
  expect(text).toContain('missing a reading: exports/s/P1/a.tif');
  expect(exitCode).toBe(1);
});

it('names readings whose image is gone, of plates that the bucket holds no more too', async () => {
  const { put, read, status } = await stackOf(['P1', 'P2']);
  await read('P1/a.tif', await put('P1/a.tif'));
  await read('P1/stray.tif', '"x"');
  await read('P2/stray.tif', '"x"');
  const { books, text, exitCode } = await status();
  expect(books).toMatchObject({
    images: 1,
    readings: 1,
    missing: 0,
    strays: 2,
    strayKeys: ['exports/s/P1/stray.tif', 'exports/s/P2/stray.tif'],
  });
  expect(text).toContain('1 images = 1 read + 0 rejected + 0 missing; 2 readings without an image');
  expect(text).toContain('nvir retry s --plate P2');
  expect(exitCode).toBe(1);
});
