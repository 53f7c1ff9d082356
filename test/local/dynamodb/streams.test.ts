import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { IntentFile } from '../../../local/dynamodb/intent.ts';
import { parsePolicy } from '../../../local/iam/document.ts';
import { Role } from '../../../local/iam/principals.ts';
import { ACCOUNT, startAws } from '../aws.ts';
import { temporaryDir } from '../engine/fakes.ts';

const TableName = 'readings';

async function start(dataDir = temporaryDir()) {
  const aws = await startAws(dataDir);
  const { arn } = await aws.dynamo.ensureTable(TableName, {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  const records = async () =>
    (await aws.dynamo.readStream(TableName, undefined, 1_000)).map(({ eventName, record }) => {
      const { Keys, OldImage, NewImage } = record['dynamodb'] as Record<string, Record<string, Record<string, string>>>;
      return [eventName, Keys?.['id']?.['S'], OldImage?.['n']?.['N'], NewImage?.['n']?.['N']];
    });
  return { ...aws, arn, client: DynamoDBDocumentClient.from(new DynamoDBClient(aws.options)), records };
}

test('every write that changed something makes one record, in order', async () => {
  const { client, records } = await start();
  const put = (id: string, n: number, extra: object = {}) =>
    client.send(new PutCommand({ TableName, Item: { id, n }, ...extra }));
  await put('a', 1);
  await put('a', 2);
  await put('a', 2);
  await expect(put('a', 3, { ConditionExpression: 'attribute_not_exists(id)' })).rejects.toThrow();
  await client.send(
    new UpdateCommand({
      TableName,
      Key: { id: 'a' },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': 1 },
    }),
  );
  await client.send(new DeleteCommand({ TableName, Key: { id: 'a' } }));
  await client.send(new DeleteCommand({ TableName, Key: { id: 'nobody' } }));
  await client.send(
    new BatchWriteCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { id: 'b', n: 1 } } }] } }),
  );
  await client.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item: { id: 'c', n: 1 } } }] }));
  expect(await records()).toEqual([
    ['INSERT', 'a', undefined, '1'],
    ['MODIFY', 'a', '1', '2'],
    ['MODIFY', 'a', '2', '3'],
    ['REMOVE', 'a', '3', undefined],
    ['INSERT', 'b', undefined, '1'],
    ['INSERT', 'c', undefined, '1'],
  ]);
});

test('reading goes on behind a sequence number, also after a restart', async () => {
  const dataDir = temporaryDir();
  const first = await start(dataDir);
  await first.client.send(new PutCommand({ TableName, Item: { id: 'a' } }));
  const [record] = await first.dynamo.readStream(TableName, undefined, 10);
  await first.stop();
  const second = await start(dataDir);
  await second.client.send(new PutCommand({ TableName, Item: { id: 'b' } }));
  const after = await second.dynamo.readStream(TableName, record?.sequenceNumber, 10);
  expect(after.map(({ record: one }) => one['dynamodb'])).toMatchObject([{ Keys: { id: { S: 'b' } } }]);
  expect((await second.client.send(new GetCommand({ TableName, Key: { id: 'a' } }))).Item).toEqual({ id: 'a' });
});

test('a write that a kill cut off from its record is told of at the next start', async () => {
  const dataDir = temporaryDir();
  const first = await start(dataDir);
  await first.client.send(new PutCommand({ TableName, Item: { id: 'a', n: 2 } }));
  await first.stop();
  const tables = join(dataDir, 'dynamodb', 'tables');
  // As a kill leaves it between the table's write and the stream's: an intent without end, a half written record.
  const intent = new IntentFile(join(tables, `${TableName}.intent`));
  intent.begin({ id: { S: 'a' } }, { id: { S: 'a' }, n: { N: '1' } });
  intent.close();
  appendFileSync(join(tables, `${TableName}.stream`), '{"eventID":"half');
  const second = await start(dataDir);
  expect(await second.records()).toEqual([
    ['INSERT', 'a', undefined, '2'],
    ['MODIFY', 'a', '1', '2'],
  ]);
});

test('an intent is overwritten in place, shorter over longer', () => {
  const file = new IntentFile(join(temporaryDir(), 'intent'));
  expect(file.unfinished()).toBeUndefined();
  file.begin({ id: { S: 'x'.repeat(100) } }, undefined);
  file.begin({ id: { S: 'y' } }, undefined);
  expect(file.unfinished()).toEqual({ key: { id: { S: 'y' } }, before: null });
  file.end();
  expect(file.unfinished()).toBeUndefined();
  file.close();
});

test('each operation asks for its own permission, on the table that it touches', async () => {
  const { arn, optionsOf } = await start();
  const role = new Role('r', `arn:aws:iam::${ACCOUNT}:role/r`, ACCOUNT, []);
  role.attach(parsePolicy({ Statement: [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: arn }] }, 'test'));
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(optionsOf(role.session('run'))));
  await client.send(new PutCommand({ TableName, Item: { id: 'a' } }));
  const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } };
  await expect(client.send(new GetCommand({ TableName, Key: { id: 'a' } }))).rejects.toMatchObject(denied);
  await expect(client.send(new PutCommand({ TableName: 'other', Item: { id: 'a' } }))).rejects.toMatchObject(denied);
  const check = { ConditionCheck: { TableName, Key: { id: 'a' }, ConditionExpression: 'attribute_exists(id)' } };
  await expect(client.send(new TransactWriteCommand({ TransactItems: [check] }))).rejects.toMatchObject(denied);
});

test('a time to live that is set while items are written neither fails a write nor tells of one twice', async () => {
  const dataDir = temporaryDir();
  const { client, options, records, stop } = await start(dataDir);
  const dynamo = new DynamoDBClient(options);
  const ids = Array.from({ length: 40 }, (_, i) => `i${String(i).padStart(2, '0')}`);
  const put = (id: string) => client.send(new PutCommand({ TableName, Item: { id, n: 1 } }));
  const setTimeToLive = (Enabled: boolean) =>
    dynamo.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName: 'until' } }),
    );
  await Promise.all(ids.flatMap((id, i) => (i % 4 === 0 ? [put(id), setTimeToLive(i % 8 === 0)] : [put(id)])));
  const told = (await records()).map(([, id]) => id);
  expect([...told].sort()).toEqual(ids);
  await stop();
  const again = await start(dataDir);
  expect((await again.records()).map(([, id]) => id)).toEqual(told);
});
