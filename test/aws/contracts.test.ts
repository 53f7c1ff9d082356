/**
 * One suite for each adapter: what the handlers' tests believe of it (the fakes) must be what the service does.
 * The local cloud stands for the service; the first deployment's smoke command stands for AWS.
 */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Announcer } from '../../lambdas/aws/announcer.ts';
import { documentClient } from '../../lambdas/aws/dynamo-client.ts';
import { ExportBucket } from '../../lambdas/aws/export-bucket.ts';
import { ModelEndpoint } from '../../lambdas/aws/model-endpoint.ts';
import { ReadingsTable, RevisionConflict } from '../../lambdas/aws/readings-table.ts';
import { ScoresTable } from '../../lambdas/aws/scores-table.ts';
import { ScoringQueue, WorkQueue } from '../../lambdas/aws/work-queue.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { startModelServer } from '../e2e/wiring/model-server.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings, FakeScores } from '../fakes/fake-tables.ts';
import { FakeEndpoint } from '../fakes/fakes.ts';
import { startLocalServices } from './local-services.ts';

let cloud: Awaited<ReturnType<typeof startLocalServices>>;
let model: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  model = await startModelServer();
  cloud = await startLocalServices(model.url);
});
afterAll(async () => {
  await cloud?.remove();
  model?.close();
});
const common = () => ({ endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials });
const named = (output: string): string => cloud.outputs[output] ?? '';

interface BucketDriver {
  bucket: Pick<ExportBucket, keyof FakeBucket & keyof ExportBucket>;
  put(key: string, body: string): Promise<unknown>;
  remove(key: string): Promise<unknown>;
}
const bucketDrivers: Record<string, () => BucketDriver> = {
  fake: () => {
    const bucket = new FakeBucket();
    return { bucket, put: async (key, body) => bucket.put(key, body), remove: async (key) => bucket.remove(key) };
  },
  local: () => {
    const s3 = new S3Client({ ...common(), forcePathStyle: true });
    const Bucket = named('ExportBucketName');
    return {
      bucket: new ExportBucket(s3, Bucket),
      put: (Key, Body) => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
      remove: (Key) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
    };
  },
};

describe.each(Object.keys(bucketDrivers))('the export bucket (%s)', (driver) => {
  const open = () => bucketDrivers[driver]?.() ?? expect.unreachable();

  it('answers undefined for what is not there, or is gone', async () => {
    const { bucket, put, remove } = open();
    await put('exports/gone/P1/a.png', 'x');
    await remove('exports/gone/P1/a.png');
    for (const key of ['exports/gone/P1/a.png', 'exports/gone/P1/never.png']) {
      expect(await bucket.head(key)).toBeUndefined();
      expect(await bucket.get(key)).toBeUndefined();
      expect(await bucket.getText(key)).toBeUndefined();
    }
  });

  it('gives each upload a version, and equal bytes an equal ETag', async () => {
    const { bucket, put } = open();
    const versions = [];
    for (const body of ['one', 'two', 'one']) {
      await put('exports/versions/P1/a.png', body);
      versions.push(await bucket.head('exports/versions/P1/a.png'));
    }
    expect(new Set(versions.map((version) => version?.versionId)).size).toBe(3);
    expect(versions[0]?.etag).toBe(versions[2]?.etag);
    expect(versions[0]?.etag).toMatch(/^[0-9a-f]{32}$/);
    expect(versions[1]).toMatchObject({ bytes: 3, uploadedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('reads content with its version, and leaves what is too large unread', async () => {
    const { bucket, put } = open();
    const key = 'exports/content/Platte 1+ä/a b%20.png';
    await put(key, 'pixels');
    const found = await bucket.get(key);
    expect(new TextDecoder().decode(found?.content)).toBe('pixels');
    expect(found).toMatchObject({ ...(await bucket.head(key)) });
    expect(await bucket.get(key, { maxBytes: 5 })).toMatchObject({ bytes: 6, content: new Uint8Array() });
  });

  it('lists studies and plates by their folders', async () => {
    const { bucket, put } = open();
    for (const key of [
      'exports/list 1/study.json',
      'exports/list 1/B/x.png',
      'exports/list 1/A/day7/x.png',
      'provenance/list 1/x.json',
    ])
      await put(key, 'x');
    expect(await all(bucket.plates('list 1'))).toEqual(['A', 'B']);
    expect(await all(bucket.studies())).toContain('list 1');
    expect(await all(bucket.plates('nobody'))).toEqual([]);
  });

  it('lists more objects of a plate than one page holds', async () => {
    const { bucket, put } = open();
    const keys = Array.from({ length: 1005 }, (_, index) => `exports/many/P1/${String(index).padStart(5, '0')}.png`);
    for (let from = 0; from < keys.length; from += 50)
      await Promise.all(keys.slice(from, from + 50).map((key) => put(key, 'x')));
    await put('exports/many/P10/other.png', 'x');
    const objects = await all(bucket.objects('many', 'P1'));
    expect(objects.map(({ key }) => key)).toEqual(keys);
    const [first] = objects;
    const head = await bucket.head(first?.key ?? '');
    expect(head?.etag).toBe(first?.etag);
    // A listing may tell fractions of a second that HEAD's header has no place for.
    expect(head?.uploadedAt.slice(0, 19)).toBe(first?.uploadedAt.slice(0, 19));
  });
});

const reading = (plate: string, path: string, more: Partial<Reading> = {}): Reading => ({
  schema: 1,
  study: 'contract',
  plate,
  path,
  key: `exports/contract/${plate}/${path}`,
  versionId: 'v1',
  etag: 'e',
  status: 'read',
  revision: 1,
  viability: 0.123456789012345,
  uploadedAt: '2026-03-09T10:00:00.000Z',
  preprocessingVersion: '1',
  readAt: '2026-03-09T10:00:00.000Z',
  ...more,
});
const readingsDrivers = {
  fake: () => new FakeReadings(),
  local: () => new ReadingsTable(documentClient(new DynamoDBClient(common())), named('ReadingsTableName')),
};

describe.each(Object.keys(readingsDrivers))('the readings table (%s)', (driver) => {
  const open = () => readingsDrivers[driver as keyof typeof readingsDrivers]();

  it('keeps a reading as it is', async () => {
    const table = open();
    await table.keep(reading('P1', 'day7/ä b.png'), undefined);
    const places = ['day7/ä b.png', 'other.png'].map((path) => ({ study: 'contract', plate: 'P1', path }));
    const kept = reading('P1', 'day7/ä b.png');
    expect(await table.current(places)).toEqual(new Map([[kept.key, kept]]));
  });

  it('answers more current readings at once than one request holds, of several plates', async () => {
    const table = open();
    const kept = Array.from({ length: 130 }, (_, index) => reading(`P5${index % 3}`, `${index}.png`));
    for (const one of kept) await table.keep(one, undefined);
    expect(await table.current(kept)).toEqual(new Map(kept.map((one) => [one.key, one])));
    expect(await table.current([])).toEqual(new Map());
  });

  it('keeps a next revision beside the history of the former', async () => {
    const table = open();
    const [first, second] = [reading('P2', 'a.png'), reading('P2', 'a.png', { revision: 2, viability: 0.5 })];
    await table.keep(first, undefined);
    await table.keep(second, first);
    const place = { study: 'contract', plate: 'P2', path: 'a.png' };
    expect(await table.current([place])).toEqual(new Map([[second.key, second]]));
    expect(await table.history('contract', 'P2', 'a.png')).toEqual([first]);
    expect(await table.ofPlate('contract', 'P2')).toEqual([second]);
  });

  it('keeps what was read before revisions began again, as they do for an item that was deleted', async () => {
    const table = open();
    const of = (revision: number, hour: number) =>
      reading('P6', 'a.png', { revision, readAt: `2026-03-09T${hour}:00:00.000Z` });
    const [first, second, anew, next] = [of(1, 10), of(2, 11), of(1, 12), of(2, 13)];
    await table.keep(first, undefined);
    await table.keep(second, first);
    await table.keep(anew, second);
    await table.keep(next, anew);
    await expect(table.keep(next, anew)).rejects.toThrow(RevisionConflict);
    const kept = await table.history('contract', 'P6', 'a.png');
    expect([...new Map(kept.map((one) => [one.readAt, one])).values()]).toEqual(
      expect.arrayContaining([first, second, anew]),
    );
    expect(await table.ofPlate('contract', 'P6')).toEqual([next]);
  });

  it('does not take the history of another image whose name goes on for that of an image', async () => {
    const table = open();
    const paths = ['a.png', 'a.png#b.png'];
    for (const path of paths) {
      await table.keep(reading('P7', path), undefined);
      await table.keep(reading('P7', path, { revision: 2 }), reading('P7', path));
    }
    expect(await table.history('contract', 'P7', 'a.png')).toEqual([reading('P7', 'a.png')]);
  });

  it('refuses to overwrite what somebody else wrote', async () => {
    const table = open();
    const first = reading('P3', 'a.png');
    await table.keep(first, undefined);
    await expect(table.keep(reading('P3', 'a.png'), undefined)).rejects.toThrow(RevisionConflict);
    await table.keep(reading('P3', 'a.png', { revision: 2 }), first);
    await expect(table.keep(reading('P3', 'a.png', { revision: 2 }), first)).rejects.toThrow(RevisionConflict);
  });

  it('answers a whole plate, also beyond one page of a query', async () => {
    const table = open();
    const remedy = 'x'.repeat(20_000);
    const large = Array.from({ length: 60 }, (_, index) =>
      reading('P4', `${String(index).padStart(2, '0')}.png`, {
        status: 'rejected',
        rejection: { code: 'c', reason: 'r', remedy },
      }),
    );
    for (const one of large) await table.keep(one, undefined);
    expect((await table.ofPlate('contract', 'P4')).sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(large);
  });
});

const scoresDrivers = {
  fake: () => new FakeScores(),
  local: () => new ScoresTable(documentClient(new DynamoDBClient(common())), named('ScoresTableName')),
};

describe.each(Object.keys(scoresDrivers))('the scores table (%s)', (driver) => {
  const open = () => scoresDrivers[driver as keyof typeof scoresDrivers]();
  const item = (sortKey: string, more: object = {}) => ({
    sortKey,
    revision: 1,
    sha256: 'ab',
    document: '{"ic50_uM":1e300}',
    ...more,
  });

  it('keeps items and lists them by prefix, in order', async () => {
    const table = open();
    for (const key of ['plate#B', 'plate#A', 'day#007', 'study']) await table.put('c1', item(key));
    expect(await table.get('c1', 'study')).toMatchObject(item('study'));
    expect(await table.get('c1', 'none')).toBeUndefined();
    expect((await table.list('c1', 'plate#')).map(({ sortKey }) => sortKey)).toEqual(['plate#A', 'plate#B']);
    expect((await table.list('c1', 'plate#A'))[0]?.document).toBe('{"ic50_uM":1e300}');
  });

  it('tells digests and verdicts of all items of a study', async () => {
    const table = open();
    await table.put('c2', item('compound#x#day#007', { verdict: 'unknown', announced: 'signal' }));
    await table.put('c2', item('plate#A', { inputsDigest: 'cd' }));
    await table.put('c2', item('study'));
    expect((await table.get('c2', 'plate#A'))?.inputsDigest).toBe('cd');
    expect(await table.heads('c2')).toMatchObject([
      { sortKey: 'compound#x#day#007', sha256: 'ab', verdict: 'unknown', announced: 'signal' },
      { sortKey: 'plate#A', inputsDigest: 'cd' },
      { sortKey: 'study', sha256: 'ab', revision: 1 },
    ]);
  });

  it('names the plates of a study that have scores', async () => {
    const table = open();
    for (const key of ['plate#P#2', 'plate#A', 'day#007', 'study']) await table.put('c4', item(key));
    expect(await table.plates('c4')).toEqual(['A', 'P#2']);
    expect(await table.plates('nobody')).toEqual([]);
  });

  it('names the studies that have scores, each once', async () => {
    const table = open();
    for (const study of ['r2', 'r 1', 'r2', 'r3']) await table.register(study);
    await table.unregister('r3');
    await table.unregister('r3');
    expect((await table.studies()).filter((study) => study.startsWith('r'))).toEqual(['r 1', 'r2']);
  });

  it('removes, and marks once', async () => {
    const table = open();
    await table.put('c3', item('day#007'));
    await table.remove('c3', 'day#007');
    await table.remove('c3', 'day#007');
    await table.mark('c3', 'marker#P1#007#PlateCompleted');
    await table.mark('c3', 'marker#P1#007#PlateCompleted');
    expect((await table.list('c3', '')).map(({ sortKey }) => sortKey)).toEqual(['marker#P1#007#PlateCompleted']);
  });
});

const endpointDrivers = {
  fake: () => new FakeEndpoint(),
  local: () => new ModelEndpoint(new SageMakerRuntimeClient(common()), named('EndpointName')),
};

describe.each(Object.keys(endpointDrivers))('the model’s endpoint (%s)', (driver) => {
  it('answers one number an image, in order, up to the largest batch', async () => {
    const endpoint = endpointDrivers[driver as keyof typeof endpointDrivers]();
    for (const count of [1, 90]) {
      const inputs = Array.from({ length: count }, (_, index) => new Uint8Array(65_536).fill(index));
      const { viabilities, model: identity } = await endpoint.read(inputs);
      expect(viabilities).toEqual(inputs.map((_, index) => index / 255));
      expect(identity.name).toBe('nvir');
    }
  });
});

it('the model’s endpoint refuses more images than one request holds', async () => {
  const endpoint = endpointDrivers.local();
  await expect(endpoint.read(Array.from({ length: 91 }, () => new Uint8Array(65_536)))).rejects.toThrow(/91 images/);
});

describe('queues', () => {
  const receiveAll = async (url: string): Promise<Message[]> => {
    const sqs = new SQSClient(common());
    const found: Message[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
      );
      if (Messages.length === 0) return found;
      found.push(...Messages);
    }
  };

  it('take more messages than one call holds', async () => {
    const queue = new WorkQueue<{ kind: 'recheck'; key: string }>(new SQSClient(common()), named('IntakeQueueUrl'));
    const messages = Array.from({ length: 25 }, (_, index) => ({ kind: 'recheck' as const, key: `k${index}` }));
    await queue.send(messages);
    await queue.send([]);
    const bodies = (await receiveAll(named('IntakeQueueUrl'))).map(({ Body }) => JSON.parse(Body ?? ''));
    expect(bodies.sort((a, b) => Number(a.key.slice(1)) - Number(b.key.slice(1)))).toEqual(messages);
  });

  it('keep every request to score, one group a study, whatever its name', async () => {
    const queue = new ScoringQueue(new SQSClient(common()), named('ScoringQueueUrl'));
    const studies = ['s1', 's1', 'Studie Zürich (2)', `${'long '.repeat(60)}1`, `${'long '.repeat(60)}2`];
    for (const study of studies) await queue.request(study);
    const groups = new Map<string, Set<string>>();
    const found = await receiveAll(named('ScoringQueueUrl'));
    for (const { Body, Attributes } of found) {
      const { study } = JSON.parse(Body ?? '');
      groups.set(study, (groups.get(study) ?? new Set()).add(Attributes?.MessageGroupId ?? ''));
    }
    expect(found).toHaveLength(5);
    expect([...groups.keys()].sort()).toEqual([...new Set(studies)].sort());
    for (const [, ids] of groups) expect(ids.size).toBe(1);
    expect(new Set([...groups.values()].flatMap((ids) => [...ids])).size).toBe(4);
  });
});

it('announcements reach the topic, more than one call holds', async () => {
  const announcer = new Announcer(new EventBridgeClient(common()), cloud.busName);
  await announcer.announce(
    Array.from({ length: 12 }, (_, day) => ({
      type: 'PlateCompleted' as const,
      detail: { study: 'c', plate: 'P1', day },
    })),
  );
  await announcer.announce([]);
  const told = cloud.sentNotifications().map(({ message }) => JSON.parse(message));
  expect(told.map(({ detail }) => detail.day)).toEqual(Array.from({ length: 12 }, (_, day) => day));
  expect(told[0]).toMatchObject({ source: 'nvir', 'detail-type': 'PlateCompleted' });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
