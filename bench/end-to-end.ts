/** Files to readings through the synthesised template: from the first upload to the last reading, and the memory for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { queueDepth } from '../cli/queue-depth.ts';
import { synthesise } from '../cli/synth.ts';
import { type LocalCloud, startLocalCloud } from '../local/index.ts';
import { FORMATS, frame12 } from './frames.ts';
import { residentMegabytes } from './measure.ts';

const PATIENCE_MS = 300_000;
const MEMORY_EVERY_MS = 250;
const LOOK_EVERY_MS = 50;
const STUDY = 'bench';

export interface EndToEnd {
  startSeconds: number;
  runs: { images: number; seconds: number; imagesPerSecond: number }[];
  /** Highest sum over this process (cloud, model, uploading thread) and all functions. */
  memoryMegabytes: number;
}

/** Runs the given numbers of 2048 × 1536 8-bit TIFFs, each as a plate of its own, after a few to start the functions. */
export async function benchEndToEnd(sizes: readonly number[]): Promise<EndToEnd> {
  const assembly = await synthesise();
  const frame = await FORMATS['TIFF 8 bit raw']?.(await frame12(1));
  if (!frame) throw new Error('no frame');
  const dataDir = mkdtempSync(join(tmpdir(), 'nvir-bench-'));
  const started = performance.now();
  const cloud = await startLocalCloud({ assembly, dataDir });
  const startSeconds = (performance.now() - started) / 1000;
  let memoryMegabytes = 0;
  const watch = setInterval(() => {
    const pids = [process.pid, ...cloud.functionProcesses().map(({ pid }) => pid)];
    memoryMegabytes = Math.max(memoryMegabytes, residentMegabytes(pids));
  }, MEMORY_EVERY_MS);
  try {
    await runPlate(cloud, 'warm', 12, frame);
    const runs = [];
    for (const images of sizes) {
      const seconds = await runPlate(cloud, `plate${images}`, images, frame);
      runs.push({ images, seconds, imagesPerSecond: images / seconds });
    }
    return { startSeconds, runs, memoryMegabytes };
  } finally {
    clearInterval(watch);
    await cloud.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function runPlate(cloud: LocalCloud, plate: string, images: number, frame: Buffer): Promise<number> {
  const options = { endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials };
  const bucket = cloud.outputs['ExportBucketName'] ?? '';
  const prefix = `exports/${STUDY}/${plate}`;
  const workerData = { options, bucket, prefix, images, frame };
  const worker = new Worker(new URL('./upload-worker.mjs', import.meta.url), { workerData, execArgv: [] });
  const ended = new Promise<void>((done, fail) => worker.once('error', fail).once('exit', () => done()));
  const begun = new Promise<number>((at) => worker.once('message', () => at(Date.now())));
  const [started] = await Promise.all([begun, ended]);
  const sqs = new SQSClient(options);
  // A message goes once its reading is written.
  while ((await queueDepth(sqs, cloud.outputs['IntakeQueueUrl'] ?? '')) > 0) {
    if (Date.now() - started > PATIENCE_MS)
      throw new Error(`not all of ${images} images were read in ${PATIENCE_MS / 1000} s`);
    await sleep(LOOK_EVERY_MS);
  }
  const seconds = (Date.now() - started) / 1000;
  await cloud.settled(PATIENCE_MS);
  const read = await countReadings(options, cloud.outputs['ReadingsTableName'] ?? '', plate);
  if (read !== images) throw new Error(`${read} readings of ${images} images`);
  return seconds;
}

async function countReadings(options: object, table: string, plate: string): Promise<number> {
  const pages = paginateQuery(
    { client: DynamoDBDocumentClient.from(new DynamoDBClient(options)) },
    {
      TableName: table,
      KeyConditionExpression: 'plateKey = :plate AND begins_with(sortKey, :current)',
      ExpressionAttributeValues: { ':plate': `${STUDY}/${plate}`, ':current': 'c#' },
    },
  );
  let read = 0;
  for await (const page of pages) read += (page.Items ?? []).filter((item) => item['status'] === 'read').length;
  return read;
}
