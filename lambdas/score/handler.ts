import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Announcer } from '../aws/announcer.ts';
import { required } from '../aws/environment.ts';
import { ExportBucket } from '../aws/export-bucket.ts';
import { functionLog } from '../aws/log.ts';
import { ReadingsTable } from '../aws/readings-table.ts';
import { ScoresTable } from '../aws/scores-table.ts';
import { parseReference } from '../domain/reference.ts';
import { makeHandler, type ScoreDeps } from './score.ts';

export { makeHandler };

function depsFromEnv(): ScoreDeps {
  // Lambda says where the function's code lies; the reference lies beside it.
  const compounds = resolve(process.env['LAMBDA_TASK_ROOT'] ?? '.', required('COMPOUNDS_FILE'));
  return {
    bucket: ExportBucket.fromEnv(),
    readings: ReadingsTable.fromEnv(),
    scores: ScoresTable.fromEnv(),
    announcer: Announcer.fromEnv(),
    reference: parseReference(readFileSync(compounds, 'utf8')),
    now: () => new Date(),
    log: functionLog(),
  };
}

export const handler = makeHandler(depsFromEnv());
