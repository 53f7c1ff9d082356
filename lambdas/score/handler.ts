import { Announcer } from '../aws/announcer.ts';
import { ExportBucket } from '../aws/export-bucket.ts';
import { functionLog } from '../aws/log.ts';
import { ReadingsTable } from '../aws/readings-table.ts';
import { referenceFileFromEnv } from '../aws/reference-file.ts';
import { ScoresTable } from '../aws/scores-table.ts';
import { parseReference } from '../domain/reference.ts';
import { makeHandler, type ScoreDeps } from './score.ts';

export { makeHandler };

function depsFromEnv(): ScoreDeps {
  const { text, sha256 } = referenceFileFromEnv();
  return {
    bucket: ExportBucket.fromEnv(),
    readings: ReadingsTable.fromEnv(),
    scores: ScoresTable.fromEnv(),
    announcer: Announcer.fromEnv(),
    reference: parseReference(text, { sha256 }),
    now: () => new Date(),
    log: functionLog(),
  };
}

export const handler = makeHandler(depsFromEnv());
