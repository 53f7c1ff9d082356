import type { IncomingMessage } from 'node:http';
import type { Authorizer } from './api/authorizers.ts';
import type { HttpApi } from './api/http-api.ts';
import type { Assembly } from './cloudformation/assembly.ts';
import type { Clock, DynamoService, Principal, S3Service, SqsService } from './contract.ts';
import type { Deliveries } from './disorder.ts';
import type { EventBuses } from './events/buses.ts';
import type { Statement } from './iam/document.ts';
import type { Role } from './iam/principals.ts';
import type { FunctionDefinition } from './lambda/definition.ts';
import type { LambdaFunction } from './lambda/function.ts';
import type { SageMakerRuntime } from './sagemaker/service.ts';
import type { Topics } from './sns/topics.ts';

/** Something that works by itself once everything is created, and can be asked whether it has nothing left to do. */
export interface Activity {
  name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
  idle(): Promise<boolean> | boolean;
}

/** Registers of what the template created, by ARN or name, for the providers that refer to one another. */
export class Registry<T> {
  private readonly items = new Map<string, T>();

  constructor(private readonly what: string) {}

  add(key: string, item: T): T {
    this.items.set(key, item);
    return item;
  }

  get(key: string): T {
    const item = this.items.get(key);
    if (item === undefined) throw new Error(`${this.what} ${key} does not exist`);
    return item;
  }

  find(key: string): T | undefined {
    return this.items.get(key);
  }

  values(): T[] {
    return [...this.items.values()];
  }
}

export interface Queue {
  name: string;
  arn: string;
  url: string;
  fifo: boolean;
  visibilityTimeoutSeconds: number;
  policy: Statement[];
}

export interface Bucket {
  name: string;
  arn: string;
  policy: Statement[];
}

export interface Table {
  name: string;
  arn: string;
  streamArn: string | undefined;
}

/** The local account: its services and what the template has created so far. Providers read and add. */
export interface Account {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly assembly: Pick<Assembly, 'assetPath'>;
  readonly modelEndpointUrl: string | undefined;
  readonly deliveries: Deliveries;
  readonly log: (message: string) => void;

  readonly s3: S3Service;
  readonly sqs: SqsService;
  readonly dynamo: DynamoService;
  readonly buses: EventBuses;
  readonly topics: Topics;
  readonly sagemaker: SageMakerRuntime;
  readonly api: HttpApi;

  /** By name; policies name roles so. */
  readonly roles: Registry<Role>;
  /** By ARN. */
  readonly queues: Registry<Queue>;
  /** ARNs of queues that feed a function. */
  readonly consumedQueues: Set<string>;
  /** By name. */
  readonly buckets: Registry<Bucket>;
  /** By ARN of the table's stream. */
  readonly streams: Registry<Table>;
  /** Key policies by ARN. */
  readonly keys: Registry<readonly Statement[]>;
  /** By ARN. */
  readonly functions: Registry<LambdaFunction>;
  /** Model folders by the SageMaker model's name. */
  readonly models: Registry<ModelFiles>;
  /** Production variants' model name by the endpoint configuration's name. */
  readonly endpointConfigs: Registry<string>;
  readonly apiIntegrations: Registry<{ target: LambdaFunction; timeoutMs: number }>;
  readonly apiAuthorizers: Registry<(scopes: readonly string[]) => Authorizer>;
  readonly activities: Activity[];

  createFunction(definition: FunctionDefinition): LambdaFunction;
  /** Who signed a request to the HTTP API. @throws when nobody known did. */
  authenticateApiCall(request: IncomingMessage, body: Buffer): Principal;
}

export interface ModelFiles {
  directory: string;
  variant: string;
  /** @throws {AccessDenied} unless the model's role may fetch its image and its data. */
  assertFetchable: () => void;
}
