import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { startLocalCloud } from '../../../local/index.ts';
import { temporaryDir } from './fakes.ts';
import { miniTemplate, writeMiniAssembly } from './mini-stack.ts';

/** Each kill counts as a receive of what was in flight: a message must outlive more of them than there are. */
const MAX_RECEIVE_COUNT = '20';

import { npy } from './tiny-model.ts';

let assembly = '';
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'mini-assembly-'));
  await writeMiniAssembly(assembly);
});

interface Running {
  child: ChildProcess;
  options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  outputs: Record<string, string>;
}

async function runInProcess(dataDir: string): Promise<Running> {
  const script = join(import.meta.dirname, 'run-mini.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, assembly, dataDir, MAX_RECEIVE_COUNT], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('the cloud did not start')));
  });
  const { awsUrl, region, credentials, outputs } = JSON.parse(line);
  return { child, options: { endpoint: awsUrl, region, credentials }, outputs };
}

/** Puts objects, eight at a time, until the server is gone; answers the keys that were accepted. */
async function putUntilDead({ options, outputs }: Running, prefix: string): Promise<string[]> {
  const s3 = new S3Client({ ...options, maxAttempts: 1 });
  const Body = npy(Buffer.alloc(256, 51), [1, 16, 16]);
  const accepted: string[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (;;) {
      const Key = `in/${prefix}-${next++}`;
      try {
        await s3.send(new PutObjectCommand({ Bucket: outputs.Bucket, Key, Body }));
      } catch {
        return;
      }
      accepted.push(Key);
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return accepted;
}

test('loses no accepted object and no message when it is killed, again and again', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const accepted: string[] = [];
  for (const [round, lifeMs] of [250, 700, 1_300].entries()) {
    const running = await runInProcess(dataDir);
    const sqs = new SQSClient(running.options);
    await sqs.send(new SendMessageCommand({ QueueUrl: running.outputs.Lost, MessageBody: `kept ${round}` }));
    const dead = once(running.child, 'exit');
    setTimeout(() => running.child.kill('SIGKILL'), lifeMs);
    accepted.push(...(await putUntilDead(running, String(round))));
    await dead;
  }
  expect(accepted.length).toBeGreaterThan(30);

  const cloud = await startLocalCloud({ assembly, template: miniTemplate(Number(MAX_RECEIVE_COUNT)), dataDir });
  onTestFinished(() => cloud.stop());
  await cloud.settled(40_000);
  const options = { endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials };
  const stored: string[] = [];
  let token: string | undefined;
  do {
    const page = await new S3Client(options).send(
      new ListObjectsV2Command({ Bucket: cloud.outputs.Bucket, ContinuationToken: token }),
    );
    stored.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    token = page.NextContinuationToken;
  } while (token);
  expect(stored).toEqual(expect.arrayContaining(accepted));
  const { Items = [] } = await new DynamoDBClient(options).send(new ScanCommand({ TableName: cloud.outputs.Table }));
  expect(Items.map((item) => item.id?.S).sort()).toEqual(stored.sort());
  const told = new Set(cloud.sentNotifications().map((one) => JSON.parse(one.message).detail.id));
  expect([...told].sort()).toEqual(stored);
  const lost = await new SQSClient(options).send(
    new ReceiveMessageCommand({ QueueUrl: cloud.outputs.Lost, MaxNumberOfMessages: 10 }),
  );
  expect((lost.Messages ?? []).map(({ Body }) => Body).sort()).toEqual(['kept 0', 'kept 1', 'kept 2']);
});
