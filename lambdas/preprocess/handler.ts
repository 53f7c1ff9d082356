import { ExportBucket } from '../aws/export-bucket.ts';
import { functionLog } from '../aws/log.ts';
import { ModelEndpoint } from '../aws/model-endpoint.ts';
import { ReadingsTable } from '../aws/readings-table.ts';
import { ScoringQueue, sweepQueueFromEnv } from '../aws/work-queue.ts';
import { imaging } from './imaging.ts';
import { makeHandler, type PreprocessDeps } from './preprocess.ts';

export { makeHandler };

/** Two cores decode while others travel; each holds one decoded frame. */
const IMAGES_AT_ONCE = 4;

const depsFromEnv = (): PreprocessDeps => ({
  bucket: ExportBucket.fromEnv(),
  readings: ReadingsTable.fromEnv(),
  endpoint: ModelEndpoint.fromEnv(),
  scoring: ScoringQueue.fromEnv(),
  sweeps: sweepQueueFromEnv(),
  imaging,
  concurrency: IMAGES_AT_ONCE,
  now: () => new Date(),
  log: functionLog(),
});

export const handler = makeHandler(depsFromEnv());
