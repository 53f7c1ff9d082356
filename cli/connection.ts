/** Which cloud a command speaks to: the local one that is running here, or a deployed one by its stack outputs. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from './console.ts';

/** Written by `nvir local` and the demo while their cloud runs. */
export const LOCAL_STATE_FILE = '.nvir/local.json';

const localState = z.object({
  awsUrl: z.url(),
  apiUrl: z.url(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  outputs: z.record(z.string(), z.string()),
  pid: z.number(),
});
export type LocalState = z.infer<typeof localState>;

/** `cdk deploy --outputs-file` writes `{stack: {output: value}}`. */
const deployedOutputs = z.record(z.string(), z.record(z.string(), z.string()));

export interface Connection {
  apiUrl: string;
  region: string;
  /** Stack outputs by name, for example `ExportBucketName`. */
  output(name: string): string;
}

/**
 * Connects to the cloud named by `NVIR_OUTPUTS` (a file of `cdk deploy --outputs-file`), else to the one running here.
 * For the local one the AWS variables are set for this process, so that plain SDK clients reach it.
 *
 * @throws UserError when neither is there.
 */
export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  return env['NVIR_OUTPUTS'] ? deployed(env['NVIR_OUTPUTS'], env) : local(env);
}

async function deployed(file: string, env: NodeJS.ProcessEnv): Promise<Connection> {
  const parsed = deployedOutputs.safeParse(await readJson(file));
  const stack = parsed.success ? Object.values(parsed.data).find((outputs) => 'ApiUrl' in outputs) : undefined;
  if (!stack)
    throw new UserError(
      `${file} holds no outputs of an NViR stack`,
      'Write it with: npx cdk deploy --outputs-file outputs.json',
    );
  return connection(stack['ApiUrl'] ?? '', env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1', stack);
}

async function local(env: NodeJS.ProcessEnv): Promise<Connection> {
  const state = await readLocalState();
  if (!state) {
    throw new UserError(
      'no NViR cloud is running here',
      'Start one with `npm run local` in another terminal, or set NVIR_OUTPUTS to the file of `cdk deploy --outputs-file`.',
    );
  }
  env['AWS_ENDPOINT_URL'] = state.awsUrl;
  env['AWS_REGION'] = state.region;
  env['AWS_ACCESS_KEY_ID'] = state.credentials.accessKeyId;
  env['AWS_SECRET_ACCESS_KEY'] = state.credentials.secretAccessKey;
  return connection(state.apiUrl, state.region, state.outputs);
}

/** The running local cloud, or undefined when there is none (or its process has ended). */
export async function readLocalState(): Promise<LocalState | undefined> {
  const parsed = localState.safeParse(await readJson(resolve(LOCAL_STATE_FILE)));
  if (!parsed.success) return undefined;
  try {
    process.kill(parsed.data.pid, 0);
    return parsed.data;
  } catch {
    return undefined;
  }
}

function connection(apiUrl: string, region: string, outputs: Record<string, string>): Connection {
  return {
    apiUrl: apiUrl.replace(/\/$/, ''),
    region,
    output: (name) => {
      const value = outputs[name];
      if (value === undefined)
        throw new UserError(`the stack has no output ${name}`, 'Deploy this version of the stack again.');
      return value;
    },
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
