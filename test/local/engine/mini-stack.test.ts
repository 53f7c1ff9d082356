import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../../local/index.ts';
import { temporaryDir } from './fakes.ts';
import { miniTemplate, writeMiniAssembly } from './mini-stack.ts';
import { npy } from './tiny-model.ts';

let assembly = '';
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'mini-assembly-'));
  await writeMiniAssembly(assembly);
});

/** Starts the mini stack, or a spoilt copy of it. */
async function start(options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  const cloud = await startLocalCloud({ assembly, dataDir: temporaryDir(), ...options });
  onTestFinished(() => cloud.stop());
  return cloud;
}

function clientOptions({ awsUrl, region, credentials }: LocalCloud) {
  return { endpoint: awsUrl, region, credentials };
}

async function upload(cloud: LocalCloud, key: string, gray: number): Promise<void> {
  const s3 = new S3Client(clientOptions(cloud));
  const Body = npy(Buffer.alloc(256, gray), [1, 16, 16]);
  await s3.send(new PutObjectCommand({ Bucket: cloud.outputs.Bucket, Key: key, Body }));
}

async function items(cloud: LocalCloud): Promise<Record<string, number>> {
  const table = new DynamoDBClient(clientOptions(cloud));
  const { Items = [] } = await table.send(new ScanCommand({ TableName: cloud.outputs.Table }));
  return Object.fromEntries(Items.map((item) => [item.id?.S ?? '', Number(item.viability?.N)]));
}

async function get(cloud: LocalCloud, path: string, signed = true): Promise<{ status: number; body: unknown }> {
  const url = new URL(path, cloud.apiUrl);
  const request = new HttpRequest({
    protocol: 'http:',
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    headers: { host: url.host },
  });
  const signer = new SignatureV4({
    service: 'execute-api',
    region: cloud.region,
    credentials: cloud.credentials,
    sha256: Sha256,
  });
  const { headers } = signed ? await signer.sign(request) : request;
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

describe('the whole way through the mini stack', () => {
  test('from an upload to the topic and the API', async () => {
    const cloud = await start();
    await upload(cloud, 'in/a b+c.npy', 51);
    await upload(cloud, 'out/ignored.npy', 51);
    await cloud.settled(20_000);
    expect(await items(cloud)).toEqual({ 'in/a b+c.npy': expect.closeTo(0.2) });
    const told = cloud.sentNotifications().map((one) => JSON.parse(one.message));
    expect(told).toMatchObject([{ source: 'mini', detail: { id: 'in/a b+c.npy', viability: expect.closeTo(0.2) } }]);
    const { status, body } = await get(cloud, `/readings/${encodeURIComponent('in/a b+c.npy')}`);
    expect(body).toMatchObject({ id: 'in/a b+c.npy', caller: expect.stringContaining('local-administrator') });
    expect(status).toBe(200);
    expect(await get(cloud, '/readings/nobody')).toEqual({ status: 404, body: 'nothing read' });
    expect(await get(cloud, '/other')).toEqual({ status: 404, body: { message: 'Not Found' } });
    expect(await get(cloud, '/readings/a', false)).toEqual({ status: 403, body: { message: 'Forbidden' } });
  });

  test('goes on after a restart, with the same names, key and data', async () => {
    const dataDir = temporaryDir();
    const first = await start({ dataDir });
    await upload(first, 'in/before', 255);
    await first.settled(20_000);
    await first.stop();
    const second = await start({ dataDir });
    expect(second.credentials).toEqual(first.credentials);
    expect(second.outputs.Bucket).toBe(first.outputs.Bucket);
    await upload(second, 'in/after', 0);
    await second.settled(20_000);
    expect(await items(second)).toEqual({ 'in/before': 1, 'in/after': 0 });
    expect(second.sentNotifications()).toHaveLength(2);
  });

  test('does not share its data folder', async () => {
    const dataDir = temporaryDir();
    await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(/in use/);
  });

  test('runs a schedule by the scaled clock', async () => {
    const cloud = await start({ clockRate: 86_400 });
    await expect.poll(() => items(cloud), { timeout: 10_000 }).toHaveProperty('tick');
  });

  test('invokes a function by name, and tells when it fails', async () => {
    const cloud = await start();
    await cloud.invoke('asker', { kind: 'tick' });
    expect(await items(cloud)).toHaveProperty('tick');
    await expect(cloud.invoke('reader', null)).rejects.toThrow(/TypeError/);
    await expect(cloud.invoke('nobody', null)).rejects.toThrow(/does not exist/);
  });
});

type Resources = ReturnType<typeof miniTemplate>['Resources'];

type Spoil = (resources: Resources) => void;

/** The mini template with one thing spoilt. */
function spoilt(spoil: Spoil): object {
  const template = miniTemplate();
  spoil(template.Resources);
  return template;
}

const without =
  (...names: string[]): Spoil =>
  (resources) => {
    for (const name of names) delete resources[name];
  };

const change =
  (name: string, properties: Record<string, unknown>): Spoil =>
  (resources) => {
    Object.assign(resources[name]?.Properties ?? {}, properties);
  };

/** Takes one statement out of a role's policy, by its action. */
const withoutGrant =
  (role: string, action: string): Spoil =>
  (resources) => {
    const [policy] = (resources[role]?.Properties.Policies ?? []) as {
      PolicyDocument: { Statement: { Action: unknown }[] };
    }[];
    if (!policy) throw new Error(`${role} has no policy`);
    const { PolicyDocument: document } = policy;
    document.Statement = document.Statement.filter(({ Action }) => ![Action].flat().includes(action));
  };

describe('a wire that is missing', () => {
  const noQueuePolicy: Spoil = (resources) => {
    delete resources.intakePolicy;
    delete resources.bucket?.DependsOn;
  };
  const strangeType: Spoil = (resources) => {
    resources.extra = { Type: 'AWS::EC2::Instance', Properties: {} };
  };

  test.each<[string, Spoil, RegExp]>([
    ['the queue policy', noQueuePolicy, /s3.amazonaws.com is not authorized/],
    ['the grant to receive', withoutGrant('readerRole', 'sqs:ReceiveMessage'), /perform sqs:ReceiveMessage/],
    ['the grant to read the stream', withoutGrant('tellerRole', 'dynamodb:GetRecords'), /perform dynamodb:/],
    ['the grant to list streams', withoutGrant('tellerRole', 'dynamodb:ListStreams'), /perform dynamodb:ListStreams/],
    ["the model's grant to its data", withoutGrant('modelRole', 's3:GetObject'), /perform s3:GetObject/],
    ['a long enough visibility timeout', change('intake', { VisibilityTimeout: 10 }), /visibility timeout/],
    ['a known type', strangeType, /AWS::EC2::Instance is not known/],
    ['a known property', change('lost', { Colour: 'red' }), /Colour/],
  ])('stops the start: %s', async (_, spoil, message) => {
    await expect(start({ template: spoilt(spoil) })).rejects.toThrow(message);
  });

  test.each<[string, Spoil, RegExp]>([
    ['the grant to read the object', withoutGrant('readerRole', 's3:GetObject'), /AccessDenied/],
    ['the grant to write the item', withoutGrant('readerRole', 'dynamodb:PutItem'), /AccessDenied/],
    ['the grant to invoke the endpoint', withoutGrant('readerRole', 'sagemaker:InvokeEndpoint'), /AccessDenied/],
    ['a variable', change('reader', { Environment: { Variables: {} } }), /TABLE is missing/],
  ])('loses nothing and ends in the dead-letter queue: %s', async (_, spoil, message) => {
    const dataDir = temporaryDir();
    const cloud = await start({ template: spoilt(spoil), dataDir, clockRate: 600 });
    await upload(cloud, 'in/a', 1);
    await cloud.settled(20_000);
    expect(await items(cloud)).toEqual({});
    expect(readFileSync(join(dataDir, 'logs', 'reader.log'), 'utf8')).toMatch(message);
    const sqs = new SQSClient(clientOptions(cloud));
    const lost = await sqs.send(new ReceiveMessageCommand({ QueueUrl: cloud.outputs.Lost, MaxNumberOfMessages: 10 }));
    expect((lost.Messages ?? []).map(({ Body = '' }) => JSON.parse(Body).Records?.[0].s3.object.key)).toContain('in/a');
  });

  const wrongFilter = { FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"kind":{"S":["x"]}}}}' }] } };
  test.each<[string, Spoil]>([
    ['the grant to send events', withoutGrant('tellerRole', 'events:PutEvents')],
    ['the topic policy', without('topicPolicy')],
    ['the rule', without('rule')],
    ['the right filter', change('tellerSource', wrongFilter)],
  ])('keeps the topic silent: %s', async (_, spoil) => {
    const cloud = await start({ template: spoilt(spoil), clockRate: 600 });
    await upload(cloud, 'in/a', 1);
    await cloud.settled(20_000);
    expect(Object.keys(await items(cloud))).toEqual(['in/a']);
    expect(cloud.sentNotifications()).toEqual([]);
  });

  test('closes the API: the permission to invoke', async () => {
    const cloud = await start({ template: spoilt(without('permission')) });
    expect((await get(cloud, '/readings/a')).status).toBe(500);
  });

  test('stops the schedule: its grant', async () => {
    const spoil = withoutGrant('tickRole', 'lambda:InvokeFunction');
    const cloud = await start({ template: spoilt(spoil), clockRate: 86_400 });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await items(cloud)).toEqual({});
  });
});
