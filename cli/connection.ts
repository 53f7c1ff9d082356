/** Which cloud a command speaks to: the local one that is running here, or a deployed one by its stack outputs. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from './console.ts';
import { type LocalState, readLocalState } from './local-state.ts';

/** `cdk deploy --outputs-file` writes `{stack: {output: value}}`. */
const deployedOutputs = z.record(z.string(), z.record(z.string(), z.string()));

/** What every SDK client of a command is made with. */
export interface ClientSettings {
  region: string;
  /** Said for the local cloud only, so that no profile, token or address of the shell leads elsewhere. */
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface Connection {
  apiUrl: string;
  aws: ClientSettings;
  /** Stack outputs by name, for example `ExportBucketName`. */
  output(name: string): string;
}

/**
 * Connects to the cloud named by `NVIR_OUTPUTS` (a file of `cdk deploy --outputs-file`), else to the one running here.
 *
 * @throws UserError when neither is there.
 */
export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  if (env['NVIR_OUTPUTS']) return deployed(env['NVIR_OUTPUTS'], env);
  const state = readLocalState();
  if (!state) {
    throw new UserError(
      'no NViR cloud is running here',
      'Start one with `npm run local` in another terminal, or set NVIR_OUTPUTS to the file of `cdk deploy --outputs-file`.',
    );
  }
  return localConnection(state);
}

/** A cloud of this machine, whatever the shell says of AWS. */
export function localConnection({ apiUrl, awsUrl, region, credentials, outputs }: Omit<LocalState, 'pid'>): Connection {
  const { accessKeyId, secretAccessKey } = credentials;
  return connection(apiUrl, { region, endpoint: awsUrl, credentials: { accessKeyId, secretAccessKey } }, outputs);
}

async function deployed(file: string, env: NodeJS.ProcessEnv): Promise<Connection> {
  const parsed = deployedOutputs.safeParse(await readJson(file));
  const stack = parsed.success ? Object.values(parsed.data).find((outputs) => 'ApiUrl' in outputs) : undefined;
  if (!stack)
    throw new UserError(
      `${file} holds no outputs of an NViR stack`,
      'Write it with: npx cdk deploy --outputs-file outputs.json',
    );
  const apiUrl = stack['ApiUrl'] ?? '';
  // The stack knows where it stands; a shell's region may be another one.
  const region = regionOf(apiUrl) ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (!region)
    throw new UserError(`${file} does not say the stack's region`, 'Say it: export AWS_REGION=, then the region.');
  return connection(apiUrl, { region }, stack);
}

/** `https://{api}.execute-api.{region}.amazonaws.com` names the region; other addresses do not. */
export function regionOf(apiUrl: string): string | undefined {
  return /^https:\/\/[^./]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(apiUrl)?.[1];
}

function connection(apiUrl: string, aws: ClientSettings, outputs: Record<string, string>): Connection {
  return {
    apiUrl: apiUrl.replace(/\/$/, ''),
    aws,
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
