/** What a sweep looks through: what lies in the bucket, and what only the scores still know of. */
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { ScoresTable } from '../aws/scores-table.ts';

export interface PlanDeps {
  bucket: Pick<ExportBucket, 'studies' | 'plates'>;
  scores: Pick<ScoresTable, 'studies' | 'plates'>;
}

export async function* studiesToSweep({ bucket, scores }: PlanDeps): AsyncGenerator<string> {
  yield* union(bucket.studies(), await scores.studies());
}

export async function* platesToSweep(study: string, { bucket, scores }: PlanDeps): AsyncGenerator<string> {
  yield* union(bucket.plates(study), await scores.plates(study));
}

async function* union(there: AsyncIterable<string>, scored: readonly string[]): AsyncGenerator<string> {
  const gone = new Set(scored);
  for await (const name of there) {
    gone.delete(name);
    yield name;
  }
  yield* gone;
}
