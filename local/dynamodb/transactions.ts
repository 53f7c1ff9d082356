import type { Answer, Body, DynaliteEngine, Item } from './engine.ts';
import { Lock } from './lock.ts';
import type { Table, Tables } from './tables.ts';
import { currentItem, isConditionFailure, keyOfWrite } from './writes.ts';

const PREFIX = 'com.amazonaws.dynamodb.v20120810#';
const OPERATIONS: Record<string, string> = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem' };

interface Step {
  kind: string;
  request: Body;
  wantsOld: boolean;
  table: Table;
  key: Item;
  before: Item | undefined;
}

/**
 * TransactWriteItems: all or nothing. One transaction at a time, undone by hand when a condition fails; a reader may
 * see it half done for a moment, which DynamoDB would not show.
 */
export class Transactions {
  private readonly lock = new Lock();

  constructor(
    private readonly engine: DynaliteEngine,
    private readonly tables: Tables,
  ) {}

  write(input: Body): Promise<Answer> {
    return this.lock.run(async () => {
      const steps: Step[] = [];
      for (const item of input.TransactItems as Record<string, Body>[]) {
        const [kind = '', raw = {}] = Object.entries(item)[0] ?? [];
        const { ReturnValuesOnConditionCheckFailure: old, ...request } = raw;
        const table = this.tables.find(String(request.TableName));
        if (!table) return failure('ResourceNotFoundException', 'Requested resource not found');
        const key = keyOfWrite(table, request);
        const before = await currentItem(this.engine, table, key);
        steps.push({ kind, request, wantsOld: old === 'ALL_OLD', table, key, before });
      }
      return this.run(steps);
    });
  }

  async get(input: Body): Promise<Answer> {
    const responses: Body[] = [];
    for (const { Get } of input.TransactItems as { Get: Body }[]) {
      const answer = await this.engine.call('GetItem', { ...Get, ConsistentRead: true });
      if (answer.status !== 200) return answer;
      responses.push(answer.body.Item ? { Item: answer.body.Item } : {});
    }
    return { status: 200, body: { Responses: responses } };
  }

  private async run(steps: readonly Step[]): Promise<Answer> {
    const done: Step[] = [];
    const reasons: Body[] = [];
    for (const step of steps) {
      const answer = await this.apply(step);
      if (answer.status === 200) {
        done.push(step);
        reasons.push({ Code: 'None' });
        continue;
      }
      const condition = isConditionFailure(answer);
      if (!condition && !String(answer.body.__type).includes('Validation')) return answer;
      reasons.push({
        Code: condition ? 'ConditionalCheckFailed' : 'ValidationError',
        Message: answer.body.message,
        ...(step.wantsOld && step.before ? { Item: step.before } : {}),
      });
    }
    if (done.length < steps.length) {
      for (const step of done.reverse()) await this.undo(step);
      const codes = reasons.map((reason) => reason.Code).join(', ');
      const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
      return failure('TransactionCanceledException', message, { Message: message, CancellationReasons: reasons });
    }
    for (const step of steps) {
      if (step.kind === 'ConditionCheck') await this.undoCheck(step);
      else step.table.stream?.add(step.key, step.before, await currentItem(this.engine, step.table, step.key));
    }
    return { status: 200, body: {} };
  }

  private apply({ kind, request }: Step): Promise<Answer> {
    const operation = OPERATIONS[kind];
    if (operation) return this.engine.call(operation, request);
    // A check alone is an update that removes an attribute which no item has.
    return this.engine.call('UpdateItem', {
      ...request,
      ExpressionAttributeNames: { ...(request.ExpressionAttributeNames as Body), '#zzcheck': '__check__' },
      UpdateExpression: 'REMOVE #zzcheck',
    });
  }

  private async undo({ table, key, before }: Step): Promise<void> {
    if (before) await this.engine.call('PutItem', { TableName: table.name, Item: before });
    else await this.engine.call('DeleteItem', { TableName: table.name, Key: key });
  }

  /** The update behind a check of an item that was not there has made an empty one. */
  private async undoCheck(step: Step): Promise<void> {
    if (!step.before) await this.undo(step);
  }
}

function failure(type: string, message: string, more: Body = {}): Answer {
  return { status: 400, body: { __type: PREFIX + type, message, ...more } };
}
