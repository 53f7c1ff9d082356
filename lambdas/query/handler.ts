import { ExportBucket } from '../aws/export-bucket.ts';
import { functionLog } from '../aws/log.ts';
import { ReadingsTable } from '../aws/readings-table.ts';
import { ScoresTable } from '../aws/scores-table.ts';
import type { QueryDeps } from './deps.ts';
import { makeHandler } from './query.ts';

export { makeHandler };

const depsFromEnv = (): QueryDeps => ({
  bucket: ExportBucket.fromEnv(),
  readings: ReadingsTable.fromEnv(),
  scores: ScoresTable.fromEnv(),
  log: functionLog(),
});

export const handler = makeHandler(depsFromEnv());
