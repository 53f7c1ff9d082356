import { Announcer } from '../aws/announcer.ts';
import { ExportBucket } from '../aws/export-bucket.ts';
import { functionLog } from '../aws/log.ts';
import { ReadingsTable } from '../aws/readings-table.ts';
import { referenceFileFromEnv } from '../aws/reference-file.ts';
import { ScoresTable } from '../aws/scores-table.ts';
import { intakeQueueFromEnv, ScoringQueue, sweepQueueFromEnv } from '../aws/work-queue.ts';
import { makeHandler, type SweepDeps } from './sweep.ts';

export { makeHandler };

const depsFromEnv = (): SweepDeps => ({
  bucket: ExportBucket.fromEnv(),
  readings: ReadingsTable.fromEnv(),
  scores: ScoresTable.fromEnv(),
  intake: intakeQueueFromEnv(),
  sweeps: sweepQueueFromEnv(),
  scoring: ScoringQueue.fromEnv(),
  announcer: Announcer.fromEnv(),
  referenceSha256: referenceFileFromEnv().sha256,
  now: () => new Date(),
  log: functionLog(),
});

export const handler = makeHandler(depsFromEnv());
