import { z } from 'zod';

const answerSchema = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * The items that a function says failed. As in Lambda, an answer that cannot be understood, or that names an item
 * which was not in the batch, means that all failed.
 */
export function failedItems(payload: string, sent: readonly string[]): Set<string> {
  const everything = new Set(sent);
  if (payload === 'null' || payload === '""') return new Set();
  const answer = answerSchema.safeParse(JSON.parse(payload));
  if (!answer.success) return everything;
  const failed = (answer.data.batchItemFailures ?? []).map((item) => item.itemIdentifier);
  return failed.every((id) => everything.has(id)) ? new Set(failed) : everything;
}
