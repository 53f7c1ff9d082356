/** `nvir local`: the deployed template on this machine, until Ctrl-C. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { type LocalCloud, startLocalCloud } from '../../local/index.ts';
import { LOCAL_STATE_FILE, readLocalState } from '../connection.ts';
import { note, print, UserError } from '../console.ts';
import { synthesise } from '../synth.ts';

interface LocalOptions {
  env?: true;
  data: string;
  port: string;
  apiPort: string;
  synth?: string;
  model?: string;
}

export function localCommand(): Command {
  return new Command('local')
    .description('run the stack on this machine, until Ctrl-C: S3, SQS, DynamoDB, Lambda, SageMaker, API')
    .option('--env', 'print the variables of the running local cloud, for eval, and end')
    .option('--data <dir>', 'folder that keeps images, queues and tables', '.nvir/data')
    .option('--port <number>', 'port for all AWS services', '4510')
    .option('--api-port <number>', 'port of the HTTP API', '4511')
    .option('--synth <dir>', 'run this cloud assembly instead of synthesising the stack')
    .option('--model <url>', 'send images to a running model container instead of ONNX Runtime here')
    .addHelpText(
      'after',
      `
Examples:
  npm run local                                   stays up; Ctrl-C stops it, the data stays
  eval "$(npx nvir local --env)"                  in another terminal: point AWS clients at it
  aws s3 sync ./my-study s3://BUCKET/exports/my-study/`,
    )
    .action(async (options: LocalOptions) => (options.env ? printEnvironment() : stayUp(options)));
}

async function printEnvironment(): Promise<void> {
  const state = await readLocalState();
  if (!state)
    throw new UserError('no NViR cloud is running here', 'Start one with `npm run local` in another terminal.');
  const { accessKeyId, secretAccessKey } = state.credentials;
  printExports({
    AWS_ENDPOINT_URL: state.awsUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: state.region,
  });
}

async function stayUp(options: LocalOptions): Promise<void> {
  const running = await readLocalState();
  if (running) {
    throw new UserError(
      `a local NViR cloud is running already (process ${running.pid})`,
      'Use it (`npx nvir local --env` prints its variables), or stop it first.',
    );
  }
  const assembly = options.synth ? resolve(options.synth) : await synthesise(note);
  const cloud = await startLocalCloud({
    assembly,
    dataDir: resolve(options.data),
    awsPort: portNumber(options.port),
    apiPort: portNumber(options.apiPort),
    ...(options.model ? { modelEndpointUrl: options.model } : {}),
    log: note,
  });
  const removeState = writeLocalState(cloud);
  try {
    welcome(cloud, options.data);
    await interrupted();
    note('Stopping…');
  } finally {
    removeState();
    await cloud.stop();
  }
}

/** Tells other commands where the cloud is. Answers how to take that back. */
export function writeLocalState(cloud: LocalCloud): () => void {
  const { awsUrl, apiUrl, region, credentials, outputs } = cloud;
  const file = resolve(LOCAL_STATE_FILE);
  mkdirSync(dirname(file), { recursive: true });
  const state = { awsUrl, apiUrl, region, credentials, outputs, pid: process.pid };
  writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function welcome(cloud: LocalCloud, data: string): void {
  printExports(cloud.environment());
  const bucket = cloud.outputs.ExportBucketName ?? 'BUCKET';
  print();
  print(`# The API answers at ${cloud.apiUrl}/v1/studies (signed with the key above, service execute-api).`);
  print('# Point AWS clients of another terminal here:');
  print('#   eval "$(npx nvir local --env)"');
  print('# Sync a study (study.json, PLATE/platemap.csv, PLATE/images…) into it:');
  print(`#   aws s3 sync ./my-study s3://${bucket}/exports/my-study/`);
  print('# Then: npx nvir status my-study, npx nvir dili my-study');
  print(`# Data and logs stay in ${data}. Ctrl-C stops.`);
}

function printExports(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) print(`export ${name}=${value}`);
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UserError(`${text} is not a port`, 'Choose a number from 0 (any free port) to 65535.');
  }
  return port;
}
