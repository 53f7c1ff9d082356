/** A stack as the commands see it: stack outputs in a file, queues, bucket and table of the local cloud, an API that says what it is told to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished, vi } from 'vitest';
import type { ModelBackend } from '../../local/sagemaker/backend.ts';
import { SageMakerRuntime } from '../../local/sagemaker/service.ts';
import { ACCOUNT, type Aws, REGION, startAws } from '../local/aws.ts';

export interface FakeStack {
  aws: Aws;
  outputs: Record<string, string>;
  /** What the API answers; may grow. */
  answers: Answers;
  /** Headers of the calls to the API, in order. */
  calls: IncomingHttpHeaders[];
  /** Behind the endpoint; answers nothing until a test says what. */
  model: ModelBackend;
  /** Puts a message into the queue of an output. */
  send(output: string, body: string, groupId?: string): Promise<void>;
}

/** What the API answers to a path; paths that are not there are 404. */
export type Answers = Record<string, { status?: number; body: unknown }>;

const QUEUES = ['Intake', 'Scoring', 'Sweep'] as const;

export async function fakeStack(answers: Answers = {}): Promise<FakeStack> {
  const runtime = new SageMakerRuntime({ region: REGION, accountId: ACCOUNT });
  const model: ModelBackend = {
    start: async () => {},
    invoke: async () => ({ status: 500, contentType: 'text/plain', body: 'no model' }),
    stop: async () => {},
  };
  runtime.addEndpoint('nvir', model);
  const aws = await startAws(undefined, undefined, [runtime]);
  const { calls, url } = await fakeApi(answers);
  await aws.s3.ensureBucket('exports', { versioned: true });
  await aws.dynamo.ensureTable('readings', {
    KeySchema: [
      { AttributeName: 'plateKey', KeyType: 'HASH' },
      { AttributeName: 'sortKey', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['plateKey', 'sortKey'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    BillingMode: 'PAY_PER_REQUEST',
  });
  const outputs: Record<string, string> = {
    ApiUrl: url,
    ExportBucketName: 'exports',
    ReadingsTableName: 'readings',
    EndpointName: 'nvir',
  };
  for (const name of QUEUES) {
    const end = name === 'Scoring' ? '.fifo' : '';
    for (const kind of ['Queue', 'DeadLetterQueue']) {
      const settings = { fifo: end !== '', visibilityTimeoutSeconds: 30, delaySeconds: 0, retentionSeconds: 1000 };
      outputs[`${name}${kind}Url`] = (await aws.sqs.ensureQueue(`${name}${kind}${end}`, settings)).url;
    }
  }
  announce(aws, outputs);
  const sqs = new SQSClient(aws.options);
  let sent = 0;
  const send = async (output: string, body: string, groupId?: string) => {
    const fifo = groupId === undefined ? {} : { MessageGroupId: groupId, MessageDeduplicationId: `d${sent++}` };
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs[output], MessageBody: body, ...fifo }));
  };
  return { aws, outputs, answers, calls, model, send };
}

/** As after `cdk deploy --outputs-file`, with AWS credentials in the shell. */
function announce({ options }: Aws, outputs: Record<string, string>): void {
  const folder = mkdtempSync(join(tmpdir(), 'nvir-cli-'));
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify({ Nvir: outputs }));
  const env = {
    NVIR_OUTPUTS: join(folder, 'outputs.json'),
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: options.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: options.credentials.secretAccessKey,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
}

export async function fakeApi(
  answers: Answers,
): Promise<{ url: string; calls: IncomingHttpHeaders[]; stop(): Promise<void> }> {
  const calls: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    calls.push(request.headers);
    const path = decodeURIComponent((request.url ?? '').replace(/\?.*$/, ''));
    const { status = 200, body } = answers[path] ?? { status: 404, body: { title: 'Not found', detail: 'no such' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(stop);
  return { url, calls, stop };
}

/** What the API answers of a study that has these plates and no score. */
export const studyState = (study: string, plates: readonly string[] = []): object => ({
  study,
  imagingDays: [],
  simulated: false,
  scoredAt: null,
  scoringVersion: null,
  days: [],
  plates: plates.map((plate) => ({ plate, hasMap: false, unplaced: 0, reads: [] })),
  problems: [],
});
