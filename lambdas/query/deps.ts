import type { ExportBucket } from '../aws/export-bucket.ts';
import type { Log } from '../aws/log.ts';
import type { ReadingsTable } from '../aws/readings-table.ts';
import type { ScoresTable } from '../aws/scores-table.ts';
import type { Row } from './csv.ts';

export interface QueryDeps {
  bucket: Pick<ExportBucket, 'getText' | 'plates' | 'studies'>;
  readings: Pick<ReadingsTable, 'ofPlate'>;
  scores: Pick<ScoresTable, 'get' | 'list'>;
  log: Log;
}

/** One answer, as data and as a table. */
export interface Answer<Body extends object = object> {
  body: Body;
  rows: Row[];
  columns: readonly string[];
  /** Told to the caller of the table, where the data says it in place. */
  nextCursor?: string | null;
}
