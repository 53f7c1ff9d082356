import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Log } from '../aws/log.ts';
import type { ScoringQueue } from '../aws/work-queue.ts';
import { CURRENT } from '../domain/reads/reading-keys.ts';

export interface NotifyDeps {
  scoring: Pick<ScoringQueue, 'request'>;
  log: Log;
}

/** Asks for the studies of changed readings to be scored, once a study and batch. */
export const makeHandler =
  ({ scoring, log }: NotifyDeps) =>
  async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const asked = new Set<string>();
    for (const { dynamodb } of event.Records) {
      const sortKey = dynamodb?.Keys?.sortKey?.S;
      if (!sortKey?.startsWith(CURRENT)) {
        log.warn('history came, which the event source should leave out', { sortKey });
        continue;
      }
      const study = studyOf(dynamodb?.Keys?.['plateKey']?.S);
      if (asked.has(study)) continue;
      try {
        await scoring.request(study);
        asked.add(study);
      } catch (error) {
        log.error('the scoring queue refused', { study, error });
        // Lambda comes back from the first failed record on; those before it are done.
        return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
      }
    }
    return { batchItemFailures: [] };
  };

/** `study/plate`: a study's name holds no slash. */
function studyOf(plateKey: string | undefined): string {
  const study = plateKey?.split('/')[0];
  if (!study) throw new Error(`a record of the readings stream has the plate key ${plateKey}`);
  return study;
}
