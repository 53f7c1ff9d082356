/** The synthesised template, whole, on this machine: files into S3, readings, scores, announcements, answers of the API. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Api, apiPath, createApi } from '../../cli/api.ts';
import { localConnection } from '../../cli/connection.ts';
import { synthesise } from '../../cli/synth.ts';
import { plateAnswer, rankingAnswer, readingsAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type LocalCloud, startLocalCloud } from '../../local/index.ts';
import { outcomeOf } from '../chaos/outcome.ts';
import { buildScenario, STUDY, type Step } from '../chaos/scenario.ts';

const PATIENCE_MS = 120_000;
const dataDir = mkdtempSync(join(tmpdir(), 'nvir-template-'));
let cloud: LocalCloud;
let api: Api;

beforeAll(async () => {
  cloud = await startLocalCloud({ assembly: await synthesise(), dataDir, clockRate: 20 });
  for (const [name, value] of Object.entries(cloud.environment())) vi.stubEnv(name, value);
  api = createApi(localConnection(cloud));
  const { notes, images, afterwards } = await buildScenario();
  await apply(images);
  await apply(notes);
  await cloud.settled(PATIENCE_MS);
  await apply(afterwards);
  await cloud.settled(PATIENCE_MS);
}, 240_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await cloud?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function apply(steps: readonly Step[]): Promise<void> {
  const s3 = new S3Client({ endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials });
  const Bucket = cloud.outputs['ExportBucketName'] ?? '';
  for (const step of steps) {
    if (step.kind === 'put') await s3.send(new PutObjectCommand({ Bucket, Key: step.key, Body: step.body }));
    else await s3.send(new DeleteObjectCommand({ Bucket, Key: step.key }));
  }
}

test('every image object has one reading, and nothing is given up', async () => {
  const { images, missing, strays, readings } = await outcomeOf(cloud);
  expect(images).toHaveLength(25);
  expect({ missing, strays }).toEqual({ missing: [], strays: [] });
  const statuses = Object.values(readings).map((reading) => (reading as { status: string }).status);
  expect(statuses.filter((status) => status === 'rejected')).toHaveLength(1);
  expect(cloud.deadLetters()).toBe(0);
});

test('the API ranks the compounds of a day, and never calls one safe', async () => {
  const study = await api.get(apiPath('studies', STUDY), studyAnswer);
  expect(study.days.map(({ day }) => day)).toEqual([3, 7]);
  expect(study.problems).toEqual([]);
  const ranking = await api.get(apiPath('studies', STUDY, 'dili'), rankingAnswer, { day: '7' });
  expect(JSON.stringify(ranking)).toContain('troglitazone');
  expect(JSON.stringify(ranking)).not.toMatch(/"(not )?safe"/i);
});

test('the API names what was removed, rejected and superseded', async () => {
  const plate = await api.get(apiPath('studies', STUDY, 'plates', 'P2'), plateAnswer);
  const reads = new Map(plate.reads.map((read) => [read.day, read]));
  expect(reads.get(3)?.absentWells).toEqual(['C04']);
  expect(reads.get(7)?.rejected).toHaveLength(1);
  const other = apiPath('studies', STUDY, 'plates', 'plate one', 'readings');
  const { readings } = await api.get(other, readingsAnswer, { day: '7' });
  expect(readings.filter(({ placement }) => placement === 'superseded').map(({ well }) => well)).toEqual(['A03']);
});

test('the sweep closes plate reads and says so once', async () => {
  const sweep = async () => {
    await cloud.invoke(cloud.outputs['SweepFunctionName'] ?? '', { kind: 'sweep' });
    await cloud.settled(PATIENCE_MS);
    return cloud.sentNotifications().map(({ message }) => String(JSON.parse(message)['detail-type']));
  };
  const first = await sweep();
  expect(first.filter((type) => type === 'PlateCompleted').length).toBeGreaterThan(0);
  expect(first).toContain('VerdictChanged');
  expect(await sweep()).toEqual(first);
});

test('the API refuses who does not sign', async () => {
  const response = await fetch(`${cloud.apiUrl}/v1/studies`);
  expect(response.status).toBe(403);
});
