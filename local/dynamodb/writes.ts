import type { Answer, Body, DynaliteEngine, Item } from './engine.ts';
import type { Table, Tables } from './tables.ts';

/** PutItem, UpdateItem and DeleteItem, with their stream record and `ReturnValuesOnConditionCheckFailure`. */
export async function writeItem(
  engine: DynaliteEngine,
  tables: Tables,
  operation: string,
  input: Body,
): Promise<Answer> {
  const table = tables.find(String(input.TableName));
  const { ReturnValuesOnConditionCheckFailure: wantsOld, ...request } = input;
  if (!table || !(table.stream || wantsOld)) return engine.call(operation, request);
  return table.lock.run(async () => {
    const key = keyOfWrite(table, request);
    const before = await currentItem(engine, table, key);
    table.intent?.begin(key, before);
    const answer = await engine.call(operation, request);
    if (answer.status === 200) {
      const after = operation === 'PutItem' ? (request.Item as Item) : await currentItem(engine, table, key);
      table.stream?.add(key, before, after);
    } else if (wantsOld === 'ALL_OLD' && isConditionFailure(answer) && before) answer.body.Item = before;
    table.intent?.end();
    return answer;
  });
}

/** BatchWriteItem: each item of a streamed table is a write of its own, as it is in DynamoDB. */
export async function batchWrite(engine: DynaliteEngine, tables: Tables, input: Body): Promise<Answer> {
  const requests = Object.entries((input.RequestItems ?? {}) as Record<string, Body[]>);
  const streamed = requests.some(([name]) => tables.find(name)?.stream);
  const count = requests.reduce((sum, [, list]) => sum + list.length, 0);
  // dynalite refuses what DynamoDB refuses: let it see the whole request when nothing has to be told.
  if (!streamed || count === 0 || count > 25) return engine.call('BatchWriteItem', input);
  for (const [TableName, list] of requests) {
    for (const { PutRequest, DeleteRequest } of list as { PutRequest?: Body; DeleteRequest?: Body }[]) {
      const answer = PutRequest
        ? await writeItem(engine, tables, 'PutItem', { TableName, Item: PutRequest.Item })
        : await writeItem(engine, tables, 'DeleteItem', { TableName, Key: DeleteRequest?.Key });
      if (answer.status !== 200) return answer;
    }
  }
  return { status: 200, body: { UnprocessedItems: {} } };
}

export async function currentItem(engine: DynaliteEngine, table: Table, key: Item): Promise<Item | undefined> {
  const { body } = await engine.call('GetItem', { TableName: table.name, Key: key, ConsistentRead: true });
  return body.Item as Item | undefined;
}

export function keyOfWrite(table: Table, request: Body): Item {
  return (request.Key as Item | undefined) ?? table.keyOf((request.Item ?? {}) as Item);
}

export function isConditionFailure({ body }: Answer): boolean {
  return String(body.__type).includes('ConditionalCheckFailed');
}
