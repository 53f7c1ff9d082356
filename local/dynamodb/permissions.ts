import type { AccessRequest } from '../contract.ts';
import type { Body } from './engine.ts';

const TRANSACTION_ACTIONS: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** What a caller must be allowed to do for one operation: one request for each table or index that it touches. */
export function accessRequests(operation: string, input: Body, arnOf: (table: string) => string): AccessRequest[] {
  const on = (action: string, resource: string): AccessRequest => ({ action: `dynamodb:${action}`, resource });
  switch (operation) {
    case 'ListTables':
      return [on(operation, '*')];
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys((input.RequestItems ?? {}) as Body).map((table) => on(operation, arnOf(table)));
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return ((input.TransactItems ?? []) as Record<string, Body>[]).flatMap((item) =>
        Object.entries(item).map(([kind, request]) =>
          on(TRANSACTION_ACTIONS[kind] ?? kind, arnOf(String(request.TableName))),
        ),
      );
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsOfResource':
      return [on(operation, String(input.ResourceArn))];
    default: {
      const table = arnOf(String(input.TableName));
      const indexed = (operation === 'Query' || operation === 'Scan') && input.IndexName !== undefined;
      return [on(operation, indexed ? `${table}/index/${String(input.IndexName)}` : table)];
    }
  }
}

/** The same for the operations of DynamoDB Streams, which name the stream, not the table. */
export function streamAccess(operation: string, input: Body): AccessRequest {
  const arn = input.StreamArn ?? String(input.ShardIterator ?? '').split('|')[0];
  return { action: `dynamodb:${operation}`, resource: operation === 'ListStreams' ? '*' : String(arn) };
}
