import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import type { WorkQueue } from '../aws/work-queue.ts';
import { type SweepMessage, sweepMessage } from '../domain/messages.ts';
import type { OutOfDate } from '../domain/reads/read-again.ts';
import { type PlanDeps, platesToSweep, studiesToSweep } from './plan.ts';
import { daysToReadAgain } from './read-plates.ts';
import { type SweepPlateDeps, sweepPlate } from './sweep-plate.ts';

export interface SweepDeps extends SweepPlateDeps {
  bucket: SweepPlateDeps['bucket'] & PlanDeps['bucket'];
  scores: SweepPlateDeps['scores'] & PlanDeps['scores'];
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
  const { notesOnly, readAgain } = message.kind === 'sweep-study' ? message : {};
  const studies = message.kind === 'sweep' ? studiesToSweep(deps) : [message.study];
  let chunk: SweepMessage[] = [];
  for await (const study of studies) {
    let plates = 0;
    const drawnIn = readAgain ? await drawnInOf(study, readAgain, deps) : new Map<string, number[]>();
    for await (const plate of platesToSweep(study, deps)) {
      plates += 1;
      chunk.push({
        ...{ kind: 'sweep-plate', study, plate },
        ...(notesOnly ? { notesOnly } : {}),
        ...(readAgain ? { readAgain: { ...readAgain, days: drawnIn.get(plate) } } : {}),
      });
      if (chunk.length < PLAN_CHUNK) continue;
      await deps.sweeps.send(chunk);
      chunk = [];
    }
    // No plate will find that the scores of a study without plates are old.
    if (plates === 0 && !notesOnly) await deps.scoring.request(study);
  }
  await deps.sweeps.send(chunk);
}

/** Where plate reads of another model are read again anyway, there is nothing that others would have to draw in. */
async function drawnInOf(study: string, readAgain: OutOfDate, deps: SweepDeps): Promise<Map<string, number[]>> {
  if (readAgain.otherModel) return new Map();
  const plates: string[] = [];
  for await (const plate of platesToSweep(study, deps)) plates.push(plate);
  return daysToReadAgain(study, plates, readAgain, deps);
}
