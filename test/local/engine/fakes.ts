import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DynamoService, ReceivedMessage, SqsService, StreamRecord } from '../../../local/contract.ts';
import { administrator } from '../../../local/iam/principals.ts';
import type { FunctionDefinition } from '../../../local/lambda/definition.ts';
import { LambdaFunction } from '../../../local/lambda/function.ts';
import { FunctionLog } from '../../../local/lambda/logs.ts';
import { lambdaVariables } from '../../../local/lambda/variables.ts';

export function temporaryDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface RunnableFunction {
  lambda: LambdaFunction;
  logFile: string;
}

/** A function whose bundle is the given source; it is stopped when the test ends. */
export function functionOf(
  source: string,
  overrides: Partial<FunctionDefinition> = {},
  logRefusal?: string,
): RunnableFunction {
  const directory = temporaryDir();
  const assetDir = join(directory, 'asset');
  mkdirSync(assetDir);
  writeFileSync(join(assetDir, 'index.js'), source);
  const definition: FunctionDefinition = {
    logicalId: 'Worker',
    name: 'stack-Worker',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:stack-Worker',
    handler: 'index.handler',
    assetDir,
    environment: { GREETING: 'hello' },
    timeoutSeconds: 10,
    memoryMiB: 256,
    principal: administrator('000000000000'),
    logGroup: '/aws/lambda/stack-Worker',
    reservedConcurrency: undefined,
    ...overrides,
  };
  const credentials = { accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'token' };
  const log = new FunctionLog(join(directory, 'logs'), 'Worker', () => logRefusal);
  const lambda = new LambdaFunction(definition, {
    maximumEnvironments: 2,
    variables: (one) =>
      lambdaVariables(one, {
        region: 'us-east-1',
        endpointUrl: 'http://127.0.0.1:1',
        scratchDir: join(directory, 'tmp'),
        credentials: () => credentials,
      }),
    log,
  });
  onTestFinished(async () => {
    lambda.stop();
    await log.close();
  });
  return { lambda, logFile: log.file };
}

/** A queue in memory: what is received stays hidden until it is removed or shown again. */
export class FakeQueue {
  readonly visible: ReceivedMessage[] = [];
  readonly hidden = new Map<string, ReceivedMessage>();
  private next = 0;

  put(body: string): string {
    const messageId = `m${this.next++}`;
    this.visible.push({
      messageId,
      receiptHandle: `r-${messageId}`,
      body,
      attributes: {},
      messageAttributes: {},
      md5OfBody: '',
    });
    return messageId;
  }

  service(): SqsService {
    const unused = () => {
      throw new Error('not part of this fake');
    };
    return {
      names: ['sqs'],
      handle: unused,
      close: async () => {},
      ensureQueue: unused,
      setQueueGuard: unused,
      send: async (_, body) => this.put(body),
      receive: async (_, { max, waitMs }) => {
        if (this.visible.length === 0) await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 20)));
        const messages = this.visible.splice(0, max);
        for (const message of messages) this.hidden.set(message.receiptHandle, message);
        return messages;
      },
      remove: async (_, handles) => {
        for (const handle of handles) this.hidden.delete(handle);
      },
      changeVisibility: unused,
      depth: () => ({ visible: this.visible.length, inFlight: this.hidden.size, delayed: 0 }),
    };
  }
}

/** A table stream in memory, with sequence numbers from 1. */
export class FakeStream {
  readonly records: StreamRecord[] = [];

  put(...keys: string[]): void {
    for (const key of keys) {
      const sequenceNumber = String(this.records.length + 1).padStart(21, '0');
      this.records.push({
        eventID: sequenceNumber,
        eventName: 'INSERT',
        sequenceNumber,
        record: {
          eventID: sequenceNumber,
          eventName: 'INSERT',
          dynamodb: {
            Keys: { sortKey: { S: key } },
            SequenceNumber: sequenceNumber,
            ApproximateCreationDateTime: Date.now() / 1000,
          },
        },
      });
    }
  }

  service(): DynamoService {
    const unused = () => {
      throw new Error('not part of this fake');
    };
    return {
      names: ['dynamodb'],
      handle: unused,
      close: async () => {},
      ensureTable: unused,
      readStream: async (_, after, max) =>
        this.records.filter((one) => after === undefined || one.sequenceNumber > after).slice(0, max),
      waitForStream: (_, waitMs) => new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 10))),
    };
  }
}
