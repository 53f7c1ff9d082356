/**
 * What the parts of the embedded cloud promise each other. Services (S3, SQS, DynamoDB) keep data and answer the wire
 * protocol; the engine (CloudFormation, Lambda, event sources, IAM) creates their resources and consumes their events.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One AWS call's permission question, as IAM sees it. */
export interface AccessRequest {
  /** For example `s3:GetObject`. */
  action: string;
  /** ARN of the resource acted on; `*` when the action has none. */
  resource: string;
  /** Condition keys known for the call, for example `s3:prefix`, `aws:SecureTransport`. */
  context?: Record<string, string>;
}

/** Who calls. `authorize` throws {@link AccessDenied} when the policies in the template do not allow it. */
export interface Principal {
  /** ARN of the role or user, for messages. */
  readonly arn: string;
  authorize(request: AccessRequest): void;
}

export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
  constructor(
    readonly principalArn: string,
    readonly request: AccessRequest,
    readonly why: string,
  ) {
    super(`${principalArn} is not authorized to perform ${request.action} on ${request.resource}: ${why}`);
  }
}

/** Resolves an access key to its secret and principal; the gateway verifies SigV4 with it. */
export interface IdentityStore {
  find(accessKeyId: string): { secretAccessKey: string; sessionToken?: string; principal: Principal } | undefined;
}

/** A request whose signature was verified. */
export interface SignedCall {
  request: IncomingMessage;
  /** The whole body, read to verify its hash. Undefined for S3, which streams it from the request. */
  body?: Buffer;
  response: ServerResponse;
  /** SigV4 service name: `s3`, `sqs`, `dynamodb`, `sagemaker`, `events`, … */
  service: string;
  principal: Principal;
}

/** An AWS service behind the gateway: `name` is the SigV4 service name(s) that it answers. */
export interface AwsService {
  readonly names: readonly string[];
  handle(call: SignedCall): Promise<void>;
  /** Flushes to disk and releases files; data stays. */
  close(): Promise<void>;
}

/** Time for queues, retries and schedules. Rate 60 makes an hour's wait last a minute; `now` is always true wall time. */
export interface Clock {
  readonly rate: number;
  now(): number;
  /** Real milliseconds to wait for a nominal duration. */
  scaled(nominalMs: number): number;
}

/** Everything a service needs to keep its data: a folder of its own, the clock, the account. */
export interface ServiceContext {
  dataDir: string;
  clock: Clock;
  region: string;
  accountId: string;
  /** Base address of the gateway, for queue URLs (set once it listens). */
  baseUrl: () => string;
  log: (message: string) => void;
}

// ---- S3 -----------------------------------------------------------------------------------------------------------

export interface ObjectEvent {
  /** `ObjectCreated:Put`, `ObjectCreated:CompleteMultipartUpload`, `ObjectRemoved:Delete`, `ObjectRemoved:DeleteMarkerCreated`, … */
  name: string;
  bucket: string;
  /** Raw key, not URL-encoded. */
  key: string;
  versionId?: string;
  size?: number;
  etag?: string;
  sequencer: string;
  time: string;
}

export interface S3Service extends AwsService {
  /** Idempotent; keeps existing data. */
  ensureBucket(name: string, options: { versioned: boolean }): Promise<void>;
  /**
   * Resource policy judged for every caller besides the caller's own policies. The engine supplies the function;
   * it throws AccessDenied on an explicit Deny.
   */
  setBucketGuard(name: string, guard: (principal: Principal, request: AccessRequest) => void): void;
  /**
   * Called after an object event is durable. It is kept and repeated until the listener resolves, also after a crash:
   * an accepted object's event is never lost.
   */
  onObjectEvent(bucket: string, listener: (event: ObjectEvent) => Promise<void>): void;
  /** Object events not yet taken by their listener. */
  pending(): number;
}

// ---- SQS ----------------------------------------------------------------------------------------------------------

export interface QueueSettings {
  fifo: boolean;
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  retentionSeconds: number;
  redrive?: { deadLetterQueueName: string; maxReceiveCount: number };
}

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, { stringValue?: string; binaryValue?: string; dataType: string }>;
  md5OfBody: string;
}

export interface SqsService extends AwsService {
  ensureQueue(name: string, settings: QueueSettings): Promise<{ url: string; arn: string }>;
  setQueueGuard(name: string, guard: (principal: Principal, request: AccessRequest) => void): void;
  /** In-process sends and receives for event sources and notifications, durable like those by HTTP. */
  send(name: string, body: string, options?: { groupId?: string; deduplicationId?: string }): Promise<string>;
  receive(
    name: string,
    options: { max: number; waitMs: number; visibilitySeconds?: number },
  ): Promise<ReceivedMessage[]>;
  remove(name: string, receiptHandles: string[]): Promise<void>;
  changeVisibility(name: string, receiptHandle: string, seconds: number): Promise<void>;
  depth(name: string): { visible: number; inFlight: number; delayed: number };
}

// ---- DynamoDB and its streams --------------------------------------------------------------------------------------

/** A stream record as Lambda delivers it. */
export interface StreamRecord {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  sequenceNumber: string;
  /** Lambda event record, complete (`eventSourceARN`, `dynamodb: {Keys, NewImage, OldImage, …}`). */
  record: Record<string, unknown>;
}

export interface DynamoService extends AwsService {
  /** CloudFormation properties of AWS::DynamoDB::Table, resolved. Idempotent. */
  ensureTable(name: string, properties: Record<string, unknown>): Promise<{ arn: string; streamArn?: string }>;
  /** Records after `afterSequence` (exclusive; undefined = from the trim horizon), oldest first. */
  readStream(tableName: string, afterSequence: string | undefined, max: number): Promise<StreamRecord[]>;
  /** Resolves when a record may have been added, or after `waitMs`. */
  waitForStream(tableName: string, waitMs: number): Promise<void>;
}
