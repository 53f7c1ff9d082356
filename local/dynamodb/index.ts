import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoService, ServiceContext, SignedCall } from '../contract.ts';
import { answerError, answerJson, ServiceError } from '../http.ts';
import { type Answer, type Body, DynaliteEngine } from './engine.ts';
import { accessRequests, streamAccess } from './permissions.ts';
import { streamsOperation } from './streams-api.ts';
import { type Table, Tables } from './tables.ts';
import { expireItems } from './time-to-live.ts';
import { Transactions } from './transactions.ts';
import { batchWrite, writeItem } from './writes.ts';

/** DynamoDB: dynalite on disk, with streams, transactions and time to live around it. */
export async function createDynamo(context: ServiceContext): Promise<DynamoService> {
  const metaDir = join(context.dataDir, 'tables');
  mkdirSync(metaDir, { recursive: true });
  const engine = new DynaliteEngine(join(context.dataDir, 'items'));
  const tables = new Tables(engine, { ...context, dataDir: metaDir });
  const transactions = new Transactions(engine, tables);
  await tables.recover();
  const stopExpiry = expireItems(engine, tables, context.log);

  const run = (operation: string, input: Body): Promise<Answer> => {
    switch (operation) {
      case 'PutItem':
      case 'UpdateItem':
      case 'DeleteItem':
        return writeItem(engine, tables, operation, input);
      case 'BatchWriteItem':
        return batchWrite(engine, tables, input);
      case 'TransactWriteItems':
        return transactions.write(input);
      case 'TransactGetItems':
        return transactions.get(input);
      case 'CreateTable':
        return createTable(engine, tables, input);
      case 'UpdateTimeToLive':
      case 'DescribeTimeToLive':
        return timeToLive(tables, operation, input);
      case 'DescribeTable':
        return engine.call(operation, input).then((answer) => withStream(answer, 'Table', tables));
      default:
        return engine.call(operation, input);
    }
  };

  const handle = async ({ request, response, principal, body }: SignedCall): Promise<void> => {
    try {
      const [api = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
      const input = JSON.parse(body?.toString('utf8') || '{}') as Body;
      const streams = api.startsWith('DynamoDBStreams');
      const needed = streams
        ? [streamAccess(operation, input)]
        : accessRequests(operation, input, (table) => tables.arn(table));
      for (const one of needed) principal.authorize(one);
      const answer = streams ? streamsOperation(tables, operation, input) : await run(operation, input);
      answerJson(response, answer.status, answer.body, { 'content-type': 'application/x-amz-json-1.0' });
    } catch (error) {
      // DynamoDB says a refusal with 400, unlike other services.
      const denied = error instanceof Error && error.name === 'AccessDenied';
      answerError(response, denied ? new ServiceError('AccessDeniedException', error.message, 400) : error);
    }
  };

  const streamOf = (name: string) => {
    const stream = tables.find(name)?.stream;
    if (!stream) throw new Error(`table ${name} has no stream`);
    return stream;
  };

  return {
    names: ['dynamodb'],
    handle,
    async close() {
      stopExpiry();
      await engine.close();
      tables.close();
    },
    async ensureTable(name, properties) {
      const table = tables.find(name) ?? (await newTable(engine, tables, name, properties));
      return { arn: table.arn, ...(table.stream ? { streamArn: table.stream.arn } : {}) };
    },
    readStream: async (name, after, max) => streamOf(name).read(after === undefined ? 0 : Number(after), max),
    waitForStream: (name, waitMs) => streamOf(name).waitForMore(waitMs),
  };
}

async function newTable(engine: DynaliteEngine, tables: Tables, name: string, properties: Body): Promise<Table> {
  const known = ['AttributeDefinitions', 'KeySchema', 'BillingMode', 'ProvisionedThroughput', 'GlobalSecondaryIndexes'];
  const request: Body = { TableName: name, StreamSpecification: properties.StreamSpecification };
  for (const property of known) if (properties[property] !== undefined) request[property] = properties[property];
  const answer = await createTable(engine, tables, request);
  const table = tables.find(name);
  if (answer.status !== 200 || !table) throw new Error(String(answer.body.message ?? answer.body.__type));
  return table;
}

async function createTable(engine: DynaliteEngine, tables: Tables, input: Body): Promise<Answer> {
  const { StreamSpecification: _, ...request } = input;
  const answer = await engine.call('CreateTable', request);
  const exists = String(answer.body.__type).includes('ResourceInUse') && !tables.find(String(input.TableName));
  // A kill between dynalite's table and our facts leaves a table that only we do not know.
  if (answer.status === 200 || exists) tables.created(input);
  return exists ? { status: 200, body: {} } : withStream(answer, 'TableDescription', tables);
}

function withStream(answer: Answer, field: string, tables: Tables): Answer {
  const description = answer.body[field] as Body | undefined;
  const stream = tables.find(String(description?.TableName))?.stream;
  if (description && stream) {
    description.LatestStreamArn = stream.arn;
    description.LatestStreamLabel = 'local';
    description.StreamSpecification = { StreamEnabled: true, StreamViewType: stream.view };
  }
  return answer;
}

async function timeToLive(tables: Tables, operation: string, input: Body): Promise<Answer> {
  const table = tables.find(String(input.TableName));
  if (!table) throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
  if (operation === 'UpdateTimeToLive') {
    const wanted = input.TimeToLiveSpecification as { Enabled: boolean; AttributeName: string };
    tables.setTimeToLive(table, wanted.Enabled ? wanted.AttributeName : undefined);
    return { status: 200, body: { TimeToLiveSpecification: wanted } };
  }
  const { timeToLiveAttribute } = table.facts;
  const description = timeToLiveAttribute
    ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLiveAttribute }
    : { TimeToLiveStatus: 'DISABLED' };
  return { status: 200, body: { TimeToLiveDescription: description } };
}
