import type { Body, DynaliteEngine, Item } from './engine.ts';
import type { Tables } from './tables.ts';
import { writeItem } from './writes.ts';

const CHECK_EVERY_MS = 2_000;

/** Deletes expired items of tables that have a time to live; DynamoDB takes up to two days for it. Answers the stop. */
export function expireItems(engine: DynaliteEngine, tables: Tables, log: (message: string) => void): () => void {
  let working = false;
  const timer = setInterval(() => {
    if (working || !tables.all().some((table) => table.facts.timeToLiveAttribute)) return;
    working = true;
    expireOnce(engine, tables)
      .catch((error: unknown) => log(`time to live: ${error instanceof Error ? error.message : error}`))
      .finally(() => {
        working = false;
      });
  }, CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function expireOnce(engine: DynaliteEngine, tables: Tables): Promise<void> {
  for (const table of tables.all()) {
    const attribute = table.facts.timeToLiveAttribute;
    if (!attribute) continue;
    let from: unknown;
    do {
      const { body }: { body: Body } = await engine.call('Scan', {
        TableName: table.name,
        FilterExpression: '#t < :now',
        ExpressionAttributeNames: { '#t': attribute },
        ExpressionAttributeValues: { ':now': { N: String(Math.floor(Date.now() / 1000)) } },
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      for (const item of (body.Items ?? []) as Item[]) {
        await writeItem(engine, tables, 'DeleteItem', { TableName: table.name, Key: table.keyOf(item) });
      }
      from = body.LastEvaluatedKey;
    } while (from);
  }
}
