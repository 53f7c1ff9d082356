import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from '../iam/identities.ts';
import type { FunctionDefinition } from './definition.ts';

export interface VariableSource {
  region: string;
  endpointUrl: string;
  /** Folder for scratch files; each function gets its own `/tmp` below it. */
  scratchDir: string;
  credentials(definition: FunctionDefinition): Required<Credentials>;
}

/**
 * Lambda's own variables for a function. Nothing of this machine's environment passes: a variable that the template
 * does not give must be missing here too. HOME is the scratch folder, so that no one's AWS profile is read.
 */
export function lambdaVariables(definition: FunctionDefinition, source: VariableSource): Record<string, string> {
  const scratch = join(source.scratchDir, definition.logicalId);
  mkdirSync(scratch, { recursive: true });
  const { accessKeyId, secretAccessKey, sessionToken } = source.credentials(definition);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_ENDPOINT_URL: source.endpointUrl,
    AWS_REGION: source.region,
    AWS_DEFAULT_REGION: source.region,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs',
    _HANDLER: definition.handler,
    LAMBDA_TASK_ROOT: definition.assetDir,
    HOME: scratch,
    TMPDIR: scratch,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
  };
}
