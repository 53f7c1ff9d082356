/** What the adapter makes of SageMaker's failures, which the local cloud's own endpoint does not have. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { EndpointUnavailable } from '../../lambdas/aws/endpoint-unavailable.ts';
import { ModelEndpoint } from '../../lambdas/aws/model-endpoint.ts';
import { ModelRefused } from '../../lambdas/aws/model-refused.ts';

interface Answer {
  status: number;
  type?: string;
  body?: object;
}
const good: Answer = {
  status: 200,
  body: { viability: [0.5], model: { name: 'nvir', version: '1', sha256: '', variant: 'int8' } },
};
const bare: Answer = { status: 400 };
const modelError = (status: number): Answer => ({
  status: 424,
  type: 'ModelError',
  body: { Message: `Received client error (${status})`, OriginalStatusCode: status, OriginalMessage: 'no such array' },
});

let answers: Answer[];
let calls: number;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const { status, type, body } = answers[Math.min(calls, answers.length - 1)] ?? good;
    calls += 1;
    response.writeHead(status, { 'content-type': 'application/json', ...(type && { 'x-amzn-errortype': type }) });
    response.end(body && JSON.stringify(body));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());
beforeEach(() => {
  calls = 0;
});

const read = () => {
  const { port } = server.address() as AddressInfo;
  const runtime = new SageMakerRuntimeClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  return new ModelEndpoint(runtime, 'nvir').read([new Uint8Array(65_536)]);
};

it('asks again in the same call when it is throttled without a word', async () => {
  answers = [bare, bare, good];
  expect((await read()).viabilities).toEqual([0.5]);
  expect(calls).toBe(3);
});

it('passes on intervals and distances where the container gives them', async () => {
  const calibrated = { ...good.body, halfWidth90: [0.1], domainDistance: [1.5] };
  answers = [{ status: 200, body: { ...calibrated, sharedHalfWidth90: [0.07] } }];
  const numbers = { viabilities: [0.5], halfWidths90: [0.1], domainDistances: [1.5] };
  expect(await read()).toMatchObject({ ...numbers, sharedHalfWidths90: [0.07] });
  answers = [{ status: 200, body: calibrated }];
  const { model: _, ...without } = await read();
  expect(without).toEqual(numbers);
  answers = [good];
  expect(Object.keys(await read())).toEqual(['viabilities', 'model']);
});

it.each(['viability', 'halfWidth90', 'domainDistance', 'sharedHalfWidth90'])(
  'takes no answer with too many numbers of %s',
  async (name) => {
    answers = [{ status: 200, body: { ...good.body, [name]: [0.1, 0.2] } }];
    await expect(read()).rejects.toThrow(`2 numbers of ${name} for 1 images`);
  },
);

it('leaves it to a later call when that goes on', async () => {
  answers = [bare];
  await expect(read()).rejects.toThrow(EndpointUnavailable);
  expect(calls).toBe(4);
});

it.each([400, 404, 413, 415])('says what the container said when it refuses (%i)', async (status) => {
  answers = [modelError(status)];
  const refusal = read();
  await expect(refusal).rejects.toThrow(ModelRefused);
  await expect(refusal).rejects.toThrow(new RegExp(`refused a batch of 1 with HTTP ${status}: no such array.*deploy`));
  expect(calls).toBe(1);
});

it.each([
  ['fails', modelError(500)],
  ['is too busy', modelError(429)],
  ['sleeps', { status: 429, type: 'ModelNotReadyException', body: { Message: 'loading' } }],
  ['is not there', { status: 400, type: 'ValidationError', body: { Message: 'Endpoint nvir not found.' } }],
])('may be asked later when it %s', async (_what, answer) => {
  answers = [answer];
  await expect(read()).rejects.toThrow(EndpointUnavailable);
  expect(calls).toBe(1);
});
