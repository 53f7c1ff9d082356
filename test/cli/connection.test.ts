import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApi } from '../../cli/api.ts';
import { type Connection, connect, localConnection } from '../../cli/connection.ts';
import { uploadExport } from '../../cli/demo/upload.ts';
import { studyAnswer } from '../../lambdas/query/answers.ts';
import { startAws } from '../local/aws.ts';
import { fakeApi, studyState } from './fake-stack.ts';

describe('a deployed stack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvir-outputs-'));
  const outputsFile = (ApiUrl: string) => {
    const file = join(folder, 'outputs.json');
    writeFileSync(file, JSON.stringify({ Other: { X: '1' }, Nvir: { ApiUrl, ExportBucketName: 'b' } }));
    return file;
  };

  it.each([
    ['its own', 'https://abc123.execute-api.eu-central-1.amazonaws.com/', { AWS_REGION: 'us-east-1' }, 'eu-central-1'],
    ['its own in China', 'https://a.execute-api.cn-north-1.amazonaws.com.cn', {}, 'cn-north-1'],
    ['the shell’s', 'https://viability.example.org', { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
    ['the shell’s other', 'https://viability.example.org', { AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  ])('is asked in %s region', async (_, apiUrl, env, region) => {
    const connection = await connect({ NVIR_OUTPUTS: outputsFile(apiUrl), ...env });
    expect(connection.aws).toEqual({ region });
    expect(connection.output('ExportBucketName')).toBe('b');
  });

  it('without a region anywhere is not taken for one in us-east-1', async () => {
    await expect(connect({ NVIR_OUTPUTS: outputsFile('https://viability.example.org') })).rejects.toThrow(/region/);
  });
});

describe('the local cloud', () => {
  it.each([
    { AWS_SESSION_TOKEN: 'of somebody else' },
    { AWS_PROFILE: 'of-somebody-else' },
    { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' },
    { AWS_ACCESS_KEY_ID: 'AKIAELSE', AWS_SECRET_ACCESS_KEY: 'else', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
  ])('is reached whatever the shell says: %o', async (env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { options, s3 } = await startAws();
    await s3.ensureBucket('exports', { versioned: true });
    const connection = localConnection({
      awsUrl: options.endpoint,
      apiUrl: 'http://127.0.0.1:9',
      region: options.region,
      credentials: options.credentials,
      outputs: { ExportBucketName: 'exports' },
    });
    const client = new S3Client(connection.aws);
    await client.send(new PutObjectCommand({ Bucket: 'exports', Key: 'a', Body: 'a' }));
    expect((await client.send(new ListBucketsCommand())).Buckets).toHaveLength(1);
    await uploadExport(connection, 's', import.meta.dirname, [import.meta.filename]);
  });
});

describe('the API', () => {
  const aws: Connection['aws'] = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'secret' },
  };
  const ask = (apiUrl: string, env: NodeJS.ProcessEnv) =>
    createApi({ apiUrl, aws }, env).get('/v1/studies/s', studyAnswer);

  it.each([
    ['a signature', {}, /^AWS4-HMAC-SHA256 Credential=AKIAX\/\d+\/us-east-1\/execute-api\//],
    ['the token of NVIR_TOKEN', { NVIR_TOKEN: 'abc.def.ghi' }, /^Bearer abc\.def\.ghi$/],
  ])('gets %s', async (_, env, authorization) => {
    const { url, calls } = await fakeApi({ '/v1/studies/s': { body: studyState('s') } });
    expect(await ask(url, env)).toMatchObject({ study: 's' });
    expect(calls[0]?.authorization).toMatch(authorization);
  });

  it.each([
    [400, { title: 'Bad Request', detail: 'day is a number' }, /^day is a number$/, /--help/],
    [401, { message: 'Unauthorized' }, /\(401\): Unauthorized/, /NVIR_TOKEN/],
    [403, { message: 'Forbidden' }, /\(403\): Forbidden/, /execute-api:Invoke/],
    [404, { detail: 'there is no study s' }, /^there is no study s$/, /nvir status/],
  ])('says on %i what happened and what to do', async (status, body, message, remedy) => {
    const { url } = await fakeApi({ '/v1/studies/s': { status, body } });
    await expect(ask(url, {})).rejects.toThrow(
      expect.objectContaining({
        name: 'UserError',
        status,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    );
  });

  it('that fails by itself is nobody’s mistake at the keyboard', async () => {
    const { url } = await fakeApi({ '/v1/studies/s': { status: 500, body: { title: 'Internal Server Error' } } });
    await expect(ask(url, {})).rejects.toThrow(expect.objectContaining({ name: 'Error' }));
  });
});
