/** Files that people's decisions are kept in, in the export bucket: read, changed and written back only if nobody else did meanwhile. */
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { UserError } from './console.ts';

const ATTEMPTS = 5;

/**
 * @param change from the text as it stands (undefined when there is no such file) to what it should say
 * @throws UserError when others keep writing it.
 */
export async function changeNote(
  { aws, output }: Connection,
  key: string,
  contentType: string,
  change: (text: string | undefined) => string,
): Promise<void> {
  const s3 = new S3Client(aws);
  const place = { Bucket: output('ExportBucketName'), Key: key };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await current(s3, place);
    try {
      await s3.send(
        new PutObjectCommand({
          ...place,
          Body: change(found?.text),
          ContentType: contentType,
          ...(found ? { IfMatch: found.etag } : { IfNoneMatch: '*' }),
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 412) throw error;
    }
  }
  throw new UserError(`${key} was changed by others each time`, 'Try again.');
}

async function current(s3: S3Client, place: { Bucket: string; Key: string }) {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand(place));
    return { text: (await Body?.transformToString()) ?? '', etag: ETag };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
