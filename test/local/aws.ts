/** The data services of the local cloud behind the gateway, for tests that speak to them by the SDK. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createClock } from '../../local/clock.ts';
import type { AwsService, Principal, ServiceContext } from '../../local/contract.ts';
import { createDynamo } from '../../local/dynamodb/index.ts';
import { createGateway } from '../../local/gateway/index.ts';
import { type Credentials, Identities } from '../../local/iam/identities.ts';
import { administrator } from '../../local/iam/principals.ts';
import { createS3 } from '../../local/s3/index.ts';
import { createSqs } from '../../local/sqs/index.ts';
import { temporaryDir } from './engine/fakes.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

export interface Aws {
  s3: Awaited<ReturnType<typeof createS3>>;
  sqs: Awaited<ReturnType<typeof createSqs>>;
  dynamo: Awaited<ReturnType<typeof createDynamo>>;
  /** For an SDK client of the administrator, or of somebody else. */
  options: { endpoint: string; region: string; credentials: Credentials; maxAttempts: number };
  optionsOf(principal: Principal): Aws['options'];
  stop(): Promise<void>;
}

/** @param others that answer at the same address */
export async function startAws(
  dataDir = temporaryDir(),
  clockRate = 1,
  others: readonly AwsService[] = [],
): Promise<Aws> {
  let endpoint = '';
  const context = (name: string): ServiceContext => {
    const own = join(dataDir, name);
    mkdirSync(own, { recursive: true });
    const baseUrl = () => endpoint;
    return { dataDir: own, clock: createClock(clockRate), region: REGION, accountId: ACCOUNT, baseUrl, log: () => {} };
  };
  const identities = new Identities(dataDir, administrator(ACCOUNT));
  const s3 = await createS3(context('s3'));
  const sqs = await createSqs(context('sqs'));
  const dynamo = await createDynamo(context('dynamodb'));
  const gateway = await createGateway({ port: 0, identities, services: [s3, sqs, dynamo, ...others], log: () => {} });
  endpoint = gateway.url;
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await gateway.close();
    for (const service of [s3, sqs, dynamo, ...others]) await service.close();
  };
  onTestFinished(stop);
  const optionsWith = (credentials: Credentials) => ({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  return {
    s3,
    sqs,
    dynamo,
    options: optionsWith({ ...identities.administrator }),
    optionsOf: (principal) => optionsWith(identities.issue(principal)),
    stop,
  };
}
