/** What a sweep is made of: one message a plate, so that a million images are pages. */
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { SweepMessage } from '../domain/messages.ts';

type Bucket = Pick<ExportBucket, 'studies' | 'plates'>;

/** The plates of all studies. */
export async function* planAll(bucket: Bucket): AsyncGenerator<SweepMessage> {
  for await (const study of bucket.studies()) yield* planStudy(study, {}, bucket);
}

/** The plates of one study. */
export async function* planStudy(
  study: string,
  scope: { notesOnly?: boolean | undefined },
  bucket: Bucket,
): AsyncGenerator<SweepMessage> {
  for await (const plate of bucket.plates(study)) {
    yield { kind: 'sweep-plate', study, plate, ...(scope.notesOnly ? { notesOnly: true } : {}) };
  }
}
