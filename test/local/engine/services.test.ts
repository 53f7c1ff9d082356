import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AwsService, Principal } from '../../../local/contract.ts';
import { type BusEvent, EventBuses } from '../../../local/events/buses.ts';
import { compilePattern } from '../../../local/events/pattern.ts';
import { EventsService } from '../../../local/events/service.ts';
import { parsePolicy } from '../../../local/iam/document.ts';
import { administrator, Role } from '../../../local/iam/principals.ts';
import type { ModelBackend, ModelResponse } from '../../../local/sagemaker/backend.ts';
import { SageMakerRuntime } from '../../../local/sagemaker/service.ts';
import { Topics } from '../../../local/sns/topics.ts';
import { temporaryDir } from './fakes.ts';

const identity = { region: 'us-east-1', accountId: '000000000000' };
const admin = administrator(identity.accountId);
const powerless = new Role('nobody', 'arn:aws:iam::000000000000:role/nobody', identity.accountId, []).session('run');

/** Serves one service without the gateway; answers the options of an SDK client. */
async function serve(service: AwsService, principal: Principal = admin) {
  const server = createServer((request, response) => {
    void buffer(request).then((body) =>
      service.handle({ request, response, service: service.names[0] ?? '', principal, body }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: identity.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
}

describe('EventBridge', () => {
  async function bus(principal?: Principal) {
    const buses = new EventBuses(identity, () => {});
    buses.create('lab');
    const seen: BusEvent[] = [];
    const rule = (name: string, pattern: object, deliver: (event: BusEvent) => Promise<void>) => ({
      name,
      arn: name,
      matches: compilePattern(pattern),
      targets: [{ id: 't', deliver, deadLetter: undefined }],
    });
    buses.addRule(
      'lab',
      rule('one', { source: ['a'] }, async (event) => void seen.push(event)),
    );
    buses.addRule(
      'lab',
      rule('bad', { source: ['b'] }, () => Promise.reject(new Error('no'))),
    );
    return { client: new EventBridgeClient(await serve(new EventsService(buses), principal)), seen };
  }
  const entry = (Source: string, Detail = '{"n":1}', EventBusName = 'lab') => ({
    Source,
    Detail,
    DetailType: 'T',
    EventBusName,
  });

  test('delivers to the rules that match, and hides a target that refuses', async () => {
    const { client, seen } = await bus();
    const arn = 'arn:aws:events:us-east-1:000000000000:event-bus/lab';
    const Entries = [entry('a'), entry('b'), entry('c'), entry('a', '{"n":2}', arn)];
    const answer = await client.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(0);
    expect(seen).toMatchObject([{ source: 'a', 'detail-type': 'T', detail: { n: 1 } }, { detail: { n: 2 } }]);
  });

  test('answers a malformed entry in its place', async () => {
    const { client } = await bus();
    const answer = await client.send(new PutEventsCommand({ Entries: [entry('a', 'text'), entry('a')] }));
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries?.[0]?.ErrorCode).toBe('MalformedDetail');
    expect(answer.Entries?.[1]?.EventId).toBeTruthy();
  });

  test('refuses who may not put events, and buses that are not there', async () => {
    const { client } = await bus(powerless);
    await expect(client.send(new PutEventsCommand({ Entries: [entry('a')] }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const other = (await bus()).client;
    await expect(other.send(new PutEventsCommand({ Entries: [entry('a', '{}', 'x')] }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('SageMaker runtime', () => {
  async function runtime(answer: () => Promise<ModelResponse>, principal?: Principal) {
    const service = new SageMakerRuntime(identity);
    const backend: ModelBackend = { start: async () => {}, stop: async () => {}, invoke: answer };
    service.addEndpoint('model', backend);
    const client = new SageMakerRuntimeClient(await serve(service, principal));
    return (Body = Buffer.from('x'), EndpointName = 'model') =>
      client.send(new InvokeEndpointCommand({ EndpointName, Body, ContentType: 'application/x-npy' }));
  }
  const json = (status: number, value: object): ModelResponse => ({
    status,
    contentType: 'application/json',
    body: JSON.stringify(value),
  });

  test('answers what the container answers', async () => {
    const invoke = await runtime(async () => json(200, { viability: [1] }));
    const { Body, ContentType } = await invoke();
    expect(ContentType).toBe('application/json');
    expect(JSON.parse(new TextDecoder().decode(Body))).toEqual({ viability: [1] });
  });

  test("reports the container's refusal as ModelError with its status", async () => {
    const invoke = await runtime(async () => json(415, { error: 'not npy' }));
    await expect(invoke()).rejects.toMatchObject({
      name: 'ModelError',
      OriginalStatusCode: 415,
      OriginalMessage: '{"error":"not npy"}',
      $metadata: { httpStatusCode: 424 },
    });
  });

  test('refuses other endpoints, callers without the grant, and bodies over 6 MiB', async () => {
    const invoke = await runtime(async () => json(200, {}));
    await expect(invoke(undefined, 'other')).rejects.toMatchObject({ name: 'ValidationError' });
    await expect((await runtime(async () => json(200, {}), powerless))()).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(invoke(Buffer.alloc(6 * 1024 * 1024 + 1))).rejects.toThrow();
  });
});

describe('SNS topics', () => {
  const service = 'events.amazonaws.com';
  const let_in = (Action: string) =>
    parsePolicy({ Statement: [{ Effect: 'Allow', Action, Resource: '*', Principal: { Service: service } }] }, 'test');

  test('keep what they were sent, also over a restart', () => {
    const directory = temporaryDir();
    const topics = new Topics(directory);
    topics.create('arn:t', undefined).policy.push(...let_in('sns:Publish'));
    topics.publishAs(service, 'arn:t', 'hello', {});
    expect(new Topics(directory).sent()).toMatchObject([{ topicArn: 'arn:t', message: 'hello' }]);
  });

  test('that are encrypted need the leave of their key as well', () => {
    const topics = new Topics(temporaryDir());
    topics.create('arn:closed', []).policy.push(...let_in('sns:Publish'));
    topics.create('arn:open', let_in('kms:*')).policy.push(...let_in('sns:Publish'));
    expect(() => topics.publishAs(service, 'arn:closed', 'x', {})).toThrow(/kms:GenerateDataKey/);
    topics.publishAs(service, 'arn:open', 'x', {});
    expect(topics.sent()).toHaveLength(1);
  });
});
