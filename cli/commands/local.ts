/** `nvir local`: the deployed template on this machine, until Ctrl-C. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { DataDirInUse } from '../../local/data-dir.ts';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/index.ts';
import { wholeNumber } from '../arguments.ts';
import { note, print, UserError } from '../console.ts';
import { readLocalState, writeLocalState } from '../local-state.ts';
import { synthesise } from '../synth.ts';

/** How long a model may take to answer that it is there. */
const MODEL_PATIENCE_MS = 10_000;

interface LocalOptions {
  env?: true;
  data: string;
  port: number;
  apiPort: number;
  synth?: string;
  model?: string;
}

export function localCommand(): Command {
  return new Command('local')
    .description('run the stack on this machine, until Ctrl-C: S3, SQS, DynamoDB, Lambda, SageMaker, API')
    .option('--env', 'print the variables of the running local cloud, for eval, and end')
    .option('--data <dir>', 'folder that keeps images, queues and tables', '.nvir/data')
    .option('--port <number>', 'port for all AWS services (0: one that is free)', wholeNumber(0, 65_535), 4510)
    .option('--api-port <number>', 'port of the HTTP API (0: one that is free)', wholeNumber(0, 65_535), 4511)
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

function printEnvironment(): void {
  const state = readLocalState();
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
  const running = readLocalState();
  if (running) {
    throw new UserError(
      `a local NViR cloud is running already (process ${running.pid})`,
      'Use it (`npx nvir local --env` prints its variables), or stop it first.',
    );
  }
  if (options.model) await assertServes(options.model);
  const cloud = await start({
    assembly: options.synth ? synthesised(options.synth) : await synthesise(note),
    dataDir: resolve(options.data),
    awsPort: options.port,
    apiPort: options.apiPort,
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

/** @throws UserError when something of this machine is in the way, naming it. */
async function start(options: LocalCloudOptions): Promise<LocalCloud> {
  try {
    return await startLocalCloud(options);
  } catch (error) {
    if (error instanceof DataDirInUse)
      throw new UserError(error.message, 'Stop that cloud, or choose another folder with --data.');
    const { code, port } = error as NodeJS.ErrnoException & { port?: number };
    if (code === 'EADDRINUSE')
      throw new UserError(
        `port ${port} is in use by another program`,
        'Choose others with --port and --api-port; 0 takes any free one.',
      );
    throw error;
  }
}

function synthesised(folder: string): string {
  const assembly = resolve(folder);
  if (!existsSync(join(assembly, 'manifest.json')))
    throw new UserError(
      `${assembly} holds no synthesised stack (manifest.json)`,
      'Synthesise it there with `npm run synth -- --output DIR`, or leave --synth out.',
    );
  return assembly;
}

/** A model that is not there would show only with the first image. */
async function assertServes(model: string): Promise<void> {
  const remedy = 'Start the container and wait until its /ping answers 200, or leave --model out.';
  if (!URL.canParse(model)) throw new UserError(`${model} is not an address`, 'Write it as http://127.0.0.1:8080.');
  const answer = await fetch(new URL('/ping', model), { signal: AbortSignal.timeout(MODEL_PATIENCE_MS) }).catch(
    (error: unknown) => {
      const { cause, message } = error instanceof Error ? error : new Error(String(error));
      const reason = cause instanceof Error && cause.message ? cause.message : message;
      throw new UserError(`no model answers at ${model}: ${reason}`, remedy);
    },
  );
  if (!answer.ok) throw new UserError(`the model at ${model} answers ${answer.status} to /ping`, remedy);
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

/** One line a variable. Some clients (botocore's) know the region by another name: it is said on the same line. */
function printExports(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const other = name === 'AWS_REGION' ? ` AWS_DEFAULT_REGION=${value}` : '';
    print(`export ${name}=${value}${other}`);
  }
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}
