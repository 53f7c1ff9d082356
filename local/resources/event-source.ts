import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { compilePattern, type Pattern } from '../events/pattern.ts';
import { KeptText } from '../kept-text.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import { QueueSource } from '../lambda/queue-source.ts';
import { StreamSource } from '../lambda/stream-source.ts';
import { functionByName } from './function.ts';
import { boolean, number, provider, serviceOf, withoutLocalEffect } from './provider.ts';

const settingsSchema = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: boolean.default(true),
  BatchSize: number.optional(),
  MaximumBatchingWindowInSeconds: number.default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: number }).optional(),
  StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']).optional(),
  BisectBatchOnFunctionError: boolean.default(false),
  MaximumRetryAttempts: number.default(-1),
  MaximumRecordAgeInSeconds: number.default(-1),
  ParallelizationFactor: z.literal(1).optional(),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  MetricsConfig: withoutLocalEffect,
  Tags: withoutLocalEffect,
});

type Settings = z.infer<typeof settingsSchema>;

export const eventSource = provider(settingsSchema, ({ logicalId, properties, account }) => {
  const target = functionByName(account, properties.FunctionName);
  const filters = (properties.FilterCriteria?.Filters ?? []).map(({ Pattern }) => compilePattern(JSON.parse(Pattern)));
  const kind = serviceOf(properties.EventSourceArn);
  if (properties.Enabled) {
    if (kind === 'sqs') addQueueSource(account, logicalId, target, properties, filters);
    else if (kind === 'dynamodb') addStreamSource(account, logicalId, target, properties, filters);
    else throw new Error(`event source ${properties.EventSourceArn} is not known to the local cloud`);
  }
  return { ref: logicalId, attributes: { Id: logicalId } };
});

/** The limits that Lambda checks when it makes the mapping; a deployment that breaks one fails. */
function addQueueSource(
  account: Account,
  logicalId: string,
  target: LambdaFunction,
  properties: Settings,
  filters: readonly Pattern[],
): void {
  const queue = account.queues.get(properties.EventSourceArn);
  const { timeoutSeconds, principal } = target.definition;
  const { BatchSize: batchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds } = properties;
  if (queue.visibilityTimeoutSeconds < timeoutSeconds) {
    const visible = `the queue's visibility timeout of ${queue.visibilityTimeoutSeconds} s`;
    throw new Error(`${visible} is less than the function's timeout of ${timeoutSeconds} s`);
  }
  if (queue.fifo && (windowSeconds > 0 || batchSize > 10))
    throw new Error('a FIFO queue takes batches to 10, no window');
  if (batchSize > 10 && windowSeconds < 1)
    throw new Error('a batch size over 10 needs a batching window of 1 s or more');
  const maximumConcurrency = properties.ScalingConfig?.MaximumConcurrency;
  if (maximumConcurrency !== undefined && maximumConcurrency < 2) throw new Error('MaximumConcurrency is at least 2');
  account.consumedQueues.add(queue.arn);
  const source = new QueueSource(
    target,
    {
      queueName: queue.name,
      queueArn: queue.arn,
      fifo: queue.fifo,
      region: account.region,
      batchSize,
      windowSeconds,
      maximumConcurrency,
      reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      filters,
    },
    account.sqs,
    account.clock,
    account.log,
  );
  account.activities.push({
    name: logicalId,
    start() {
      for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
        principal.authorize({ action, resource: queue.arn });
      }
      source.start();
    },
    stop: () => source.stop(),
    idle: () => source.idle(),
  });
}

function addStreamSource(
  account: Account,
  logicalId: string,
  target: LambdaFunction,
  properties: Settings,
  filters: readonly Pattern[],
): void {
  const { name: tableName } = account.streams.get(properties.EventSourceArn);
  const { principal } = target.definition;
  if (!properties.StartingPosition) throw new Error('a stream needs a StartingPosition');
  const { MaximumRetryAttempts, MaximumRecordAgeInSeconds } = properties;
  const destination = properties.DestinationConfig?.OnFailure.Destination;
  const failureQueue = destination === undefined ? undefined : account.queues.get(destination);
  const source = new StreamSource(
    target,
    {
      tableName,
      streamArn: properties.EventSourceArn,
      startAtHorizon: properties.StartingPosition === 'TRIM_HORIZON',
      batchSize: properties.BatchSize ?? 100,
      windowSeconds: properties.MaximumBatchingWindowInSeconds,
      bisects: properties.BisectBatchOnFunctionError,
      reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximumRetryAttempts: MaximumRetryAttempts < 0 ? undefined : MaximumRetryAttempts,
      maximumRecordAgeSeconds: MaximumRecordAgeInSeconds < 0 ? undefined : MaximumRecordAgeInSeconds,
      filters,
      onFailure:
        failureQueue &&
        (async (body) => {
          principal.authorize({ action: 'sqs:SendMessage', resource: failureQueue.arn });
          await account.sqs.send(failureQueue.name, body);
        }),
    },
    account.dynamo,
    new KeptText(join(account.dataDir, 'checkpoints', logicalId)),
    account.deliveries,
    account.clock,
    account.log,
  );
  account.activities.push({
    name: logicalId,
    async start() {
      for (const action of ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator']) {
        principal.authorize({ action, resource: properties.EventSourceArn });
      }
      principal.authorize({ action: 'dynamodb:ListStreams', resource: '*' });
      await source.start();
    },
    stop: () => source.stop(),
    idle: () => source.idle(),
  });
}
