/** What the adapter makes of a table at its limit, which the local cloud does not have. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { ReadingsTable } from '../../lambdas/aws/readings-table.ts';
import { UnreadableReading } from '../../lambdas/aws/unreadable-reading.ts';
import { currentSortKey } from '../../lambdas/domain/reads/reading-keys.ts';

const place = (path: string) => ({ study: 's', plate: 'P1', path });
const item = (path: string) => ({
  plateKey: 's/P1',
  sortKey: currentSortKey(path),
  schema: 1,
  ...place(path),
  key: `exports/s/P1/${path}`,
  versionId: 'v',
  etag: 'e',
  status: 'read',
  revision: 1,
  viability: 0.5,
  uploadedAt: '2026-03-09T10:00:00.000Z',
  preprocessingVersion: '1',
  readAt: '2026-03-09T10:00:00.000Z',
});
const unanswered = (path: string) => ({
  t: { Keys: [{ plateKey: 's/P1', sortKey: currentSortKey(path) }], ConsistentRead: true },
});

function tableOf() {
  const dynamo = mockClient(DynamoDBDocumentClient);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' }));
  return { dynamo, table: new ReadingsTable(client, 't') };
}

it('asks again for what was left unanswered', async () => {
  const { dynamo, table } = tableOf();
  dynamo
    .on(BatchGetCommand)
    .resolvesOnce({ Responses: { t: [item('a.png')] }, UnprocessedKeys: unanswered('b.png') })
    .resolvesOnce({ Responses: { t: [item('b.png')] } });
  const found = await table.current([place('a.png'), place('b.png')]);
  expect([...found.keys()]).toEqual(['exports/s/P1/a.png', 'exports/s/P1/b.png']);
  expect(dynamo.commandCalls(BatchGetCommand)[1]?.args[0].input.RequestItems).toEqual(unanswered('b.png'));
});

it('takes no answer for an image without a reading', async () => {
  const { dynamo, table } = tableOf();
  dynamo.on(BatchGetCommand).resolves({ UnprocessedKeys: unanswered('a.png') });
  await expect(table.current([place('a.png')])).rejects.toThrow('unanswered');
  expect(dynamo.commandCalls(BatchGetCommand)).toHaveLength(5);
});

it('names the one reading that does not parse, and gives the others', async () => {
  const { dynamo, table } = tableOf();
  const { etag: _etag, key: _key, ...broken } = item('b.png');
  dynamo.on(BatchGetCommand).resolves({ Responses: { t: [item('a.png'), { ...broken, viability: 'much' }] } });
  const found = await table.current([place('a.png'), place('b.png')]);
  expect(found.get('exports/s/P1/a.png')).toMatchObject({ viability: 0.5 });
  const error = found.get('exports/s/P1/b.png');
  expect(error).toBeInstanceOf(UnreadableReading);
  expect(error).toMatchObject({
    message: expect.stringMatching(/plateKey s\/P1, sortKey c#b\.png .*viability.*delete the item/s),
  });
});

it('names it where a whole plate is asked for', async () => {
  const { dynamo, table } = tableOf();
  dynamo.on(QueryCommand).resolves({ Items: [item('a.png'), { ...item('b.png'), schema: 2 }] });
  await expect(table.ofPlate('s', 'P1')).rejects.toThrow(/sortKey c#b\.png/);
});

it('tells images of one batch apart whose plate and path read the same together', async () => {
  const { dynamo, table } = tableOf();
  const places = [
    { study: 's', plate: 'A c#1', path: 'z.tif' },
    { study: 's', plate: 'A', path: '1 c#z.tif' },
  ];
  const Items = places.map(({ study, plate, path }) => {
    const key = `exports/${study}/${plate}/${path}`;
    return {
      ...item(path),
      ...{ study, plate, key },
      plateKey: `${study}/${plate}`,
    };
  });
  dynamo.on(BatchGetCommand).resolves({ Responses: { t: Items } });
  const found = await table.current(places);
  expect([...found].map(([key, reading]) => 'key' in reading && reading.key === key)).toEqual([true, true]);
});
