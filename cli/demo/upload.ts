/** Puts an instrument's export into the bucket, as a sync client does: a few files at a time, in the order of the folder. */
import { open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
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
  const s3 = uploadClient(aws);
  const bucket = output('ExportBucketName');
  const queue = files.values();
  let done = 0;
  const work = async (): Promise<void> => {
    const reader = new FileReader();
    for (const file of queue) {
      const key = `exports/${study}/${relative(folder, file).split(sep).join('/')}`;
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await reader.read(file) }));
      done += 1;
      onUploaded(done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return files.length;
}

/**
 * A client that leaves the payload out of its signature, as the AWS CLI does: the CRC-32 that the SDK adds, and S3
 * checks, says whether the bytes arrived. A SHA-256 of every image costs three times that. It does not ask for leave before a large
 * body (`Expect: 100-continue`): the SDK would open a connection for each.
 */
export function uploadClient(aws: Connection['aws']): S3Client {
  const s3 = new S3Client({ ...aws, expectContinueHeader: false });
  s3.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'unsignedPayload' },
  );
  return s3;
}

/** Reads files one after the other into the same memory: fresh buffers cost more CPU than reading does. */
class FileReader {
  private buffer = Buffer.alloc(0);

  /** @returns the file's bytes, valid until the next call. */
  async read(file: string): Promise<Buffer> {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (this.buffer.length < size) this.buffer = Buffer.allocUnsafeSlow(size);
      for (let at = 0; at < size; ) {
        const { bytesRead } = await handle.read(this.buffer, at, size - at, at);
        if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
        at += bytesRead;
      }
      return this.buffer.subarray(0, size);
    } finally {
      await handle.close();
    }
  }
}

/** All files below a folder, sorted; the order in which an instrument wrote them. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
