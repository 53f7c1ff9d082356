import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ServiceContext } from '../contract.ts';
import { KeptText } from '../kept-text.ts';
import type { Body, DynaliteEngine, Item } from './engine.ts';
import { IntentFile } from './intent.ts';
import { Lock } from './lock.ts';
import { type StreamView, TableStream } from './stream.ts';

const factsSchema = z.object({
  keyNames: z.array(z.string()),
  streamView: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']).optional(),
  timeToLiveAttribute: z.string().optional(),
});

type Facts = z.infer<typeof factsSchema>;

const createSchema = z.looseObject({
  TableName: z.string(),
  KeySchema: z.array(z.object({ AttributeName: z.string() })),
  StreamSpecification: z
    .looseObject({ StreamEnabled: z.boolean().optional(), StreamViewType: factsSchema.shape.streamView })
    .optional(),
});

/** What the local cloud knows of a table besides dynalite: its stream, its time to live, and one writer at a time. */
export class Table {
  readonly lock = new Lock();
  readonly stream: TableStream | undefined;
  /** Only a streamed table has writes that must be told of. */
  readonly intent: IntentFile | undefined;

  constructor(
    readonly name: string,
    readonly arn: string,
    /** Its time to live may change. */
    public facts: Facts,
    directory: string,
    region: string,
  ) {
    const view: StreamView | undefined = facts.streamView;
    this.stream = view && new TableStream(`${arn}/stream/local`, view, region, join(directory, `${name}.stream`));
    this.intent = view && new IntentFile(join(directory, `${name}.intent`));
  }

  close(): void {
    this.stream?.close();
    this.intent?.close();
  }

  keyOf(item: Item): Item {
    return Object.fromEntries(this.facts.keyNames.map((name) => [name, item[name]]));
  }
}

/** The account's tables. */
export class Tables {
  private readonly tables = new Map<string, Table>();

  constructor(
    private readonly engine: DynaliteEngine,
    private readonly context: ServiceContext,
  ) {
    for (const file of existsSync(context.dataDir) ? readdirSync(context.dataDir) : []) {
      if (!file.endsWith('.json')) continue;
      const name = file.slice(0, -'.json'.length);
      const kept = this.factsFile(name).read();
      if (kept) this.open(name, factsSchema.parse(JSON.parse(kept)));
    }
  }

  find(name: string): Table | undefined {
    return this.tables.get(name);
  }

  byStream(arn: string): Table | undefined {
    return [...this.tables.values()].find((table) => table.stream?.arn === arn);
  }

  close(): void {
    for (const table of this.tables.values()) table.close();
  }

  all(): Table[] {
    return [...this.tables.values()];
  }

  arn(name: string): string {
    return `arn:aws:dynamodb:${this.context.region}:${this.context.accountId}:table/${name}`;
  }

  /** Remembers a table that dynalite has just created from this request. */
  created(request: Body): Table {
    const { TableName, KeySchema, StreamSpecification } = createSchema.parse(request);
    return this.keep(TableName, {
      keyNames: KeySchema.map((key) => key.AttributeName),
      // CloudFormation leaves StreamEnabled out: a view type is enough.
      ...(StreamSpecification && StreamSpecification.StreamEnabled !== false
        ? { streamView: StreamSpecification.StreamViewType }
        : {}),
    });
  }

  setTimeToLive(table: Table, attribute: string | undefined): void {
    const { timeToLiveAttribute: _, ...others } = table.facts;
    const facts = { ...others, ...(attribute === undefined ? {} : { timeToLiveAttribute: attribute }) };
    this.factsFile(table.name).write(JSON.stringify(facts));
    table.facts = facts;
  }

  /** Tells of writes that a kill cut off between the table and its stream. */
  async recover(): Promise<void> {
    for (const table of this.tables.values()) {
      const intent = table.intent?.unfinished();
      if (!intent) continue;
      const { body } = await this.engine.call('GetItem', {
        TableName: table.name,
        Key: intent.key,
        ConsistentRead: true,
      });
      table.stream?.add(intent.key, intent.before ?? undefined, body.Item as Item | undefined);
      table.intent?.end();
    }
  }

  private keep(name: string, facts: Facts): Table {
    this.factsFile(name).write(JSON.stringify(facts));
    return this.open(name, facts);
  }

  private open(name: string, facts: Facts): Table {
    const table = new Table(name, this.arn(name), facts, this.context.dataDir, this.context.region);
    this.tables.set(name, table);
    return table;
  }

  private factsFile(name: string): KeptText {
    return new KeptText(join(this.context.dataDir, `${name}.json`));
  }
}
