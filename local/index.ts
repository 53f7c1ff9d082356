import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { type Account, type Activity, Registry } from './account.ts';
import { HttpApi } from './api/http-api.ts';
import { createClock } from './clock.ts';
import { loadAssembly } from './cloudformation/assembly.ts';
import { physicalName } from './cloudformation/names.ts';
import { createStack } from './cloudformation/stack.ts';
import type { ServiceContext } from './contract.ts';
import { takeDataDir } from './data-dir.ts';
import { Deliveries, type Disorder } from './disorder.ts';
import { createDynamo } from './dynamodb/index.ts';
import { EventBuses } from './events/buses.ts';
import { EventsService } from './events/service.ts';
import { createGateway, verifyRequest } from './gateway/index.ts';
import { letHeapGrow } from './heap.ts';
import { type Credentials, Identities } from './iam/identities.ts';
import { administrator } from './iam/principals.ts';
import type { FunctionDefinition } from './lambda/definition.ts';
import { LambdaFunction } from './lambda/function.ts';
import { logRefusal } from './lambda/log-permission.ts';
import { FunctionLog } from './lambda/logs.ts';
import { LambdaService } from './lambda/service.ts';
import { lambdaVariables } from './lambda/variables.ts';
import { createResource } from './resources/index.ts';
import { createS3 } from './s3/index.ts';
import { SageMakerRuntime } from './sagemaker/service.ts';
import { waitUntilSettled } from './settled.ts';
import { type Notification, Topics } from './sns/topics.ts';
import { createSqs } from './sqs/index.ts';

const REGION = 'us-east-1';
const ACCOUNT_ID = '000000000000';

export interface LocalCloudOptions {
  /** Folder that CDK synthesised (`cdk.out`). */
  assembly: string;
  /** Runs instead of the assembly's own template; assets are still the assembly's. */
  template?: object;
  /** Everything that must survive a restart. */
  dataDir: string;
  /** @default any free port */
  awsPort?: number;
  /** @default any free port */
  apiPort?: number;
  /** Queue, retry and schedule waits are divided by it; function timeouts never are. @default 1 */
  clockRate?: number;
  /** A running model container to use in place of ONNX Runtime here. */
  modelEndpointUrl?: string;
  disorder?: Disorder;
  log?: (message: string) => void;
}

export interface LocalCloud {
  awsUrl: string;
  apiUrl: string;
  region: string;
  accountId: string;
  /** The administrator's key. */
  credentials: Credentials;
  /** The stack's outputs. */
  outputs: Record<string, string>;
  /** What an AWS client needs to reach this cloud. */
  environment(): Record<string, string>;
  functionProcesses(): { logicalId: string; pid: number }[];
  /** Invokes a function, named by logical or physical name, and answers what it returned. @throws when it failed. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Resolves when all consumed queues, streams and functions are idle. @throws after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** Messages in queues that no function reads: dead letters and failure destinations. */
  deadLetters(): number;
  /** What the template's SNS topics were sent. */
  sentNotifications(): readonly Notification[];
  stop(): Promise<void>;
}

/** Starts what the synthesised template declares, on this machine, and keeps its data in `dataDir`. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  letHeapGrow();
  const dataDir = resolve(options.dataDir);
  const undo: (() => Promise<void> | void)[] = [takeDataDir(dataDir)];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await assemble(options, dataDir, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  options: LocalCloudOptions,
  dataDir: string,
  undo: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const log = options.log ?? (() => {});
  const assembly = loadAssembly(resolve(options.assembly));
  const identity = { stackName: assembly.stackName, region: REGION, accountId: ACCOUNT_ID };
  const clock = createClock(options.clockRate ?? 1);
  const deliveries = new Deliveries(options.disorder, log);
  const admin = administrator(ACCOUNT_ID);
  const identities = new Identities(dataDir, admin);

  let awsUrl = '';
  const context = (name: string): ServiceContext => {
    const own = join(dataDir, name);
    mkdirSync(own, { recursive: true });
    return { dataDir: own, clock, region: REGION, accountId: ACCOUNT_ID, baseUrl: () => awsUrl, log };
  };
  const s3 = await createS3(context('s3'));
  undo.push(() => s3.close());
  const sqs = await createSqs(context('sqs'));
  undo.push(() => sqs.close());
  const dynamo = await createDynamo(context('dynamodb'));
  undo.push(() => dynamo.close());
  const buses = new EventBuses(identity, log);
  const sagemaker = new SageMakerRuntime(identity);
  undo.push(() => sagemaker.close());
  const functions = new Registry<LambdaFunction>('function');
  const services = [s3, sqs, dynamo, sagemaker, new EventsService(buses), new LambdaService(functions)];
  const gateway = await createGateway({ port: options.awsPort ?? 0, identities, services, log });
  undo.push(() => gateway.close());
  awsUrl = gateway.url;
  const api = new HttpApi(physicalName(assembly.stackName, 'api', 20).slice(-10), identity, log);
  await api.listen(options.apiPort ?? 0);
  undo.push(() => api.close());

  const activities: Activity[] = [];
  const account: Account = {
    ...identity,
    dataDir,
    clock,
    assembly,
    modelEndpointUrl: options.modelEndpointUrl,
    deliveries,
    log,
    s3,
    sqs,
    dynamo,
    buses,
    topics: new Topics(join(dataDir, 'sns')),
    sagemaker,
    api,
    roles: new Registry('role'),
    queues: new Registry('queue'),
    consumedQueues: new Set(),
    buckets: new Registry('bucket'),
    streams: new Registry('stream'),
    keys: new Registry('KMS key'),
    functions,
    models: new Registry('SageMaker model'),
    endpointConfigs: new Registry('endpoint configuration'),
    apiIntegrations: new Registry('integration'),
    apiAuthorizers: new Registry('authoriser'),
    activities,
    createFunction: (definition) => functions.add(definition.arn, newFunction(definition)),
    authenticateApiCall: (request, body) => verifyRequest(request, body, identities, 'execute-api'),
  };
  const newFunction = (definition: FunctionDefinition): LambdaFunction => {
    const credentials = identities.issue(definition.principal);
    const source = {
      region: REGION,
      endpointUrl: awsUrl,
      scratchDir: join(dataDir, 'tmp'),
      credentials: () => credentials,
    };
    const functionLog = new FunctionLog(join(dataDir, 'logs'), definition.logicalId, logRefusal(definition, identity));
    const created = new LambdaFunction(definition, {
      maximumEnvironments: cpus().length + 1,
      variables: (one) => lambdaVariables(one, source),
      log: functionLog,
    });
    undo.push(() => functionLog.close());
    undo.push(() => created.stop());
    return created;
  };

  const rawOutputs = await createStack(options.template ?? assembly.template, identity, (request) =>
    createResource(request, account),
  );
  undo.push(() => deliveries.stop());
  for (const activity of activities) {
    try {
      await activity.start();
    } catch (error) {
      throw new Error(`${activity.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    undo.push(() => activity.stop());
  }
  // Functions stop first: a source that waits for its function would otherwise wait for its timeout.
  undo.push(() => {
    for (const one of functions.values()) one.stop();
  });

  const publicApiUrl = `https://${api.apiId}.execute-api.${REGION}.amazonaws.com`;
  const outputs = Object.fromEntries(
    Object.entries(rawOutputs).map(([name, value]) => [name, value.replaceAll(publicApiUrl, api.url)]),
  );
  return {
    awsUrl,
    apiUrl: api.url,
    region: REGION,
    accountId: ACCOUNT_ID,
    // A copy for each reader: the SDK writes into the object that it is given.
    get credentials() {
      return { ...identities.administrator };
    },
    outputs,
    environment: () => ({
      AWS_ENDPOINT_URL: awsUrl,
      AWS_ACCESS_KEY_ID: identities.administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: identities.administrator.secretAccessKey,
      AWS_REGION: REGION,
    }),
    functionProcesses: () =>
      functions
        .values()
        .flatMap((one) => one.processIds().map((pid) => ({ logicalId: one.definition.logicalId, pid }))),
    async invoke(functionName, event) {
      const target = functions
        .values()
        .find(({ definition }) => [definition.logicalId, definition.name, definition.arn].includes(functionName));
      if (!target) throw new Error(`function ${functionName} does not exist`);
      const result = await target.invoke(event);
      if (!result.ok) throw new Error(`${functionName}: ${result.errorType}: ${result.message}`);
      return JSON.parse(result.payload);
    },
    settled: (timeoutMs) =>
      waitUntilSettled(
        [
          { name: 'object events', idle: () => s3.pending() === 0 },
          { name: 'repeated deliveries', idle: () => deliveries.idle() },
          ...activities,
          ...functions.values().map((one) => ({ name: one.definition.logicalId, idle: () => one.slots.busy === 0 })),
        ],
        timeoutMs,
      ),
    deadLetters: () =>
      account.queues
        .values()
        .filter((queue) => !account.consumedQueues.has(queue.arn))
        .reduce((sum, queue) => sum + sqs.depth(queue.name).visible, 0),
    sentNotifications: () => account.topics.sent(),
    stop,
  };
}
