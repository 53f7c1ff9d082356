/** A local cloud on one template, as a run of the wiring sees it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { queueDepth } from '../../../cli/queue-depth.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/index.ts';
import type { Template } from './mutations.ts';

export interface CloudSettings {
  assembly: string;
  template: Template;
  modelUrl: string;
  clockRate: number;
  /** How long a step may take: a wire that is cut silently shows only by what does not come. */
  patience_ms: number;
  /** What a function may log without it being trouble. */
  tolerates?: RegExp;
}

const WAIT_MS = 100;
const KEPT_FOR_MS = 2_000;
/** The longest that SQS hides a message; the run's clock is up to 1500 times as fast. */
const LOOK_S = 43_200;
/** Source of our own events. */
const OURS = 'nvir';

/** What a run found wrong. */
export class Noticed extends Error {
  override readonly name = 'Noticed';
}

export class WiredCloud {
  private readonly s3: S3Client;
  private readonly sqs: SQSClient;
  private readonly dynamo: DynamoDBClient;
  private readonly events: EventBridgeClient;
  private readonly troubles: string[] = [];

  private constructor(
    private readonly cloud: LocalCloud,
    private readonly dataDir: string,
    private readonly patience_ms: number,
    private readonly tolerates: RegExp | undefined,
    said: string[],
  ) {
    this.troubles = said;
    const { awsUrl: endpoint, region, credentials } = cloud;
    const common = { endpoint, region, credentials };
    this.s3 = new S3Client({ ...common, forcePathStyle: true });
    this.sqs = new SQSClient(common);
    this.dynamo = new DynamoDBClient(common);
    this.events = new EventBridgeClient(common);
  }

  /** Starts a cloud, works with it, and takes it away again. @throws Noticed when it does not start. */
  static async with(settings: CloudSettings, work: (cloud: WiredCloud) => Promise<void>): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'nvir-wiring-'));
    const said: string[] = [];
    let cloud: LocalCloud | undefined;
    try {
      cloud = await startLocalCloud({
        assembly: settings.assembly,
        template: settings.template,
        dataDir,
        clockRate: settings.clockRate,
        modelEndpointUrl: settings.modelUrl,
        log: (line) => said.push(line),
      }).catch((error: unknown) => {
        throw new Noticed(`does not start: ${error instanceof Error ? error.message : error}`);
      });
      const wired = new WiredCloud(cloud, dataDir, settings.patience_ms, settings.tolerates, said);
      await work(wired);
      wired.assertNoTrouble();
    } finally {
      await cloud?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }

  output(name: string): string {
    const value = this.cloud.outputs[name];
    if (value === undefined) throw new Error(`no output ${name}`);
    return value;
  }

  async put(key: string, body: string | Uint8Array): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.output('ExportBucketName'), Key: key, Body: body }));
  }

  async remove(key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.output('ExportBucketName'), Key: key }));
  }

  async removeItem(table: string, key: Record<string, string>): Promise<void> {
    const Key = Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { S: value }]));
    await this.dynamo.send(new DeleteItemCommand({ TableName: this.output(table), Key }));
  }

  async send(queue: string, message: object): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl: this.output(queue), MessageBody: JSON.stringify(message) }));
  }

  /** Bodies of all messages that wait in a queue, however many a schedule fills it with; they stay there. */
  async peek(queue: string): Promise<string[]> {
    const QueueUrl = this.output(queue);
    const seen: Message[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: LOOK_S }),
      );
      if (Messages.length === 0) break;
      seen.push(...Messages);
    }
    for (const { ReceiptHandle } of seen)
      await this.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return seen.flatMap(({ Body }) => Body ?? []);
  }

  /** Waits until a function failed on what a queue holds. @throws Noticed when the queue holds it no more. */
  async keeps(queue: string, worker: string): Promise<void> {
    await this.until(`the end of ${worker}`, () => this.endings(worker) > 0);
    // What is taken for done is deleted soon after the function's end.
    for (let waited_ms = 0; waited_ms < KEPT_FOR_MS; waited_ms += WAIT_MS) {
      if ((await queueDepth(this.sqs, this.output(queue))) === 0) throw new Noticed(`what ${worker} failed on is gone`);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /** How often a function has ended. */
  private endings(construct: string): number {
    const directory = join(this.dataDir, 'logs');
    const files = readdirSync(directory).filter((file) => file.startsWith(construct));
    const lines = files.flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'));
    return lines.filter((line) => line.startsWith('REPORT ')).length;
  }

  /** Tells the bus of an event, as a function would; before it of a stranger's, which the topic must not hear of. */
  async announce(bus: string, type: string): Promise<void> {
    const event = { EventBusName: bus, DetailType: type, Detail: '{}' };
    const Entries = ['stranger', OURS].map((Source) => ({ ...event, Source }));
    await this.events.send(new PutEventsCommand({ Entries })).catch((error: unknown) => {
      throw new Noticed(`the bus does not take an event: ${error}`);
    });
  }

  /** Detail types that the topic was told of. @throws Noticed when it was told of a stranger's event. */
  told(): string[] {
    return this.cloud.sentNotifications().map(({ message }) => {
      const { source, 'detail-type': type } = JSON.parse(message) as Record<string, unknown>;
      if (source !== OURS) throw new Noticed(`the topic was told of an event of ${source}`);
      return String(type);
    });
  }

  /** GETs of the API, signed unless asked otherwise. */
  async get(path: string, { signed = true } = {}): Promise<{ status: number; json: unknown }> {
    const { host, hostname, port, protocol, origin } = new URL(this.cloud.apiUrl);
    const request = new HttpRequest({ method: 'GET', protocol, hostname, port: Number(port), path, headers: { host } });
    const { credentials, region } = this.cloud;
    const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
    const headers = signed ? (await signer.sign(request)).headers : {};
    const response = await fetch(`${origin}${path}`, { headers });
    const text = await response.text();
    return { status: response.status, json: response.ok ? JSON.parse(text) : text };
  }

  /** Waits for something to come true. @throws Noticed as soon as anything logs trouble, or when it does not come. */
  async until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + this.patience_ms;
    while (!(await isSo())) {
      this.assertNoTrouble();
      if (Date.now() > deadline) throw new Noticed(`does not come: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /** Waits until nothing is at work. */
  async settled(): Promise<void> {
    try {
      await this.cloud.settled(this.patience_ms);
    } catch (error) {
      this.assertNoTrouble();
      throw new Noticed(error instanceof Error ? error.message : String(error));
    }
  }

  /** @throws Noticed with the first line that any function or event source said of an error or a warning. */
  assertNoTrouble(): void {
    const directory = join(this.dataDir, 'logs');
    const lines = readdirSync(directory).flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'));
    const trouble = [...this.troubles, ...lines.filter(isTrouble)].find((line) => !this.tolerates?.test(line));
    if (trouble) throw new Noticed(trouble.slice(0, 300));
  }
}

const isTrouble = (line: string): boolean =>
  /"level":"(ERROR|WARN|CRITICAL)"/.test(line) || /Status: (?!success)/.test(line) || line.includes('not authorized');
