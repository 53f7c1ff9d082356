/** Puts an instrument's export into the bucket, as a sync client does: a few files at a time, in the order of the folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { Connection } from '../connection.ts';

const AT_ONCE = 4;

/**
 * Uploads every file below `folder` to `exports/{study}/…`.
 *
 * @returns the number of files.
 */
export async function uploadExport(
  { aws, output }: Pick<Connection, 'aws' | 'output'>,
  study: string,
  folder: string,
  files: readonly string[],
  onUploaded: (done: number) => void = () => undefined,
): Promise<number> {
  const s3 = new S3Client(aws);
  const bucket = output('ExportBucketName');
  const limit = pLimit(AT_ONCE);
  let done = 0;
  await Promise.all(
    files.map((file) =>
      limit(async () => {
        const key = `exports/${study}/${relative(folder, file).split(sep).join('/')}`;
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(file) }));
        done += 1;
        onUploaded(done);
      }),
    ),
  );
  return files.length;
}

/** All files below a folder, sorted; the order in which an instrument wrote them. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
