import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { WorkQueue } from '../aws/work-queue.ts';
import { type SweepMessage, sweepMessage } from '../domain/messages.ts';
import { planAll, planStudy } from './plan.ts';
import { type SweepPlateDeps, sweepPlate } from './sweep-plate.ts';

export interface SweepDeps extends SweepPlateDeps {
  bucket: SweepPlateDeps['bucket'] & Pick<ExportBucket, 'studies'>;
  sweeps: Pick<WorkQueue<SweepMessage>, 'send'>;
}

/** Plates that are planned with one call's worth of messages in memory. */
const PLAN_CHUNK = 500;

/** From the queue, or straight from the schedule. */
const eventSchema = z.union([
  z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) }),
  sweepMessage,
]);

/** Plans sweeps and sweeps plates. */
export const makeHandler =
  (deps: SweepDeps) =>
  async (event: SQSEvent | SweepMessage): Promise<SQSBatchResponse> => {
    const parsed = eventSchema.parse(event);
    if (!('Records' in parsed)) {
      await work(parsed, deps);
      return { batchItemFailures: [] };
    }
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const { messageId, body } of parsed.Records) {
      try {
        await work(sweepMessage.parse(JSON.parse(body)), deps);
      } catch (error) {
        deps.log.error('a sweep failed', { messageId, body, error });
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };

async function work(message: SweepMessage, deps: SweepDeps): Promise<void> {
  if (message.kind === 'sweep-plate') return sweepPlate(message, deps);
  const plan = message.kind === 'sweep' ? planAll(deps.bucket) : planStudy(message.study, message, deps.bucket);
  let chunk: SweepMessage[] = [];
  for await (const plate of plan) {
    chunk.push(plate);
    if (chunk.length < PLAN_CHUNK) continue;
    await deps.sweeps.send(chunk);
    chunk = [];
  }
  await deps.sweeps.send(chunk);
}
