import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../http.ts';
import { answerXml, element, textElement } from '../xml.ts';
import { type ReceivedBody, readText, receiveBody } from './body.ts';
import { objectArn, type S3Request, unquoted } from './context.ts';
import { versionHeader } from './get-object.ts';
import { checkConditions, copySource, metadataOf } from './put-object.ts';
import type { ObjectMetadata } from './version.ts';
import { listOf, parseXml } from './xml-input.ts';

/** All parts but the last have at least this size. */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;

interface Upload {
  bucketName: string;
  key: string;
  metadata: ObjectMetadata;
  parts: Map<number, ReceivedBody & { file: string }>;
}

const completeSchema = z.object({
  CompleteMultipartUpload: z.object({
    Part: listOf(z.object({ PartNumber: z.coerce.number(), ETag: z.string() })),
  }),
});

/** Uploads in parts. They live in memory: one that a restart cuts off was never accepted, and its client starts again. */
export class MultipartUploads {
  private readonly uploads = new Map<string, Upload>();

  create(call: S3Request): void {
    call.authorize('s3:PutObject', objectArn(call.bucketName, call.key));
    const id = randomUUID();
    const { bucketName, key } = call;
    call.bucket();
    this.uploads.set(id, { bucketName, key, metadata: metadataOf(call), parts: new Map() });
    answerXml(
      call.response,
      200,
      element(
        'InitiateMultipartUploadResult',
        textElement('Bucket', bucketName),
        textElement('Key', key),
        textElement('UploadId', id),
      ),
    );
  }

  async putPart(call: S3Request): Promise<void> {
    call.authorize('s3:PutObject', objectArn(call.bucketName, call.key));
    const upload = this.find(call);
    const file = call.bucket().newFile();
    if (call.header('x-amz-copy-source')) return this.copyPart(call, upload, file);
    const received = await receiveBody(call.request, call.url, file);
    await this.keepPart(call, upload, { ...received, file });
    const { checksum } = received;
    call.response.writeHead(200, {
      etag: `"${received.md5.toString('hex')}"`,
      ...(checksum ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value } : {}),
      'content-length': '0',
    });
    call.response.end();
  }

  /** UploadPartCopy: a part made of a range of an object that is there. */
  private async copyPart(call: S3Request, upload: Upload, file: string): Promise<void> {
    const source = copySource(call);
    const [, first = '0', last] = /^bytes=(\d+)-(\d+)$/.exec(call.header('x-amz-copy-source-range')) ?? [];
    const end = last === undefined ? source.object.content.size - 1 : Number(last);
    const digest = createHash('md5');
    let size = 0;
    for await (const bytes of createReadStream(source.file, { start: Number(first), end }) as AsyncIterable<Buffer>) {
      await appendFile(file, bytes);
      digest.update(bytes);
      size += bytes.length;
    }
    const md5 = digest.digest();
    await this.keepPart(call, upload, { size, md5, checksum: undefined, file });
    answerXml(
      call.response,
      200,
      element(
        'CopyPartResult',
        textElement('LastModified', new Date().toISOString()),
        textElement('ETag', `"${md5.toString('hex')}"`),
      ),
    );
  }

  private async keepPart(call: S3Request, upload: Upload, part: ReceivedBody & { file: string }): Promise<void> {
    const number = Number(call.query('partNumber'));
    const replaced = upload.parts.get(number);
    upload.parts.set(number, part);
    if (replaced) await rm(replaced.file, { force: true });
  }

  async complete(call: S3Request): Promise<void> {
    const { bucketName, key } = call;
    call.authorize('s3:PutObject', objectArn(bucketName, key));
    const upload = this.find(call);
    const listed = parseXml(completeSchema, await readText(call.request)).CompleteMultipartUpload.Part;
    const parts = this.partsInOrder(upload, listed);
    const bucket = call.bucket();
    const file = bucket.newFile();
    const digest = createHash('md5');
    for (const part of parts) {
      await appendFile(file, await readFile(part.file));
      digest.update(part.md5);
    }
    await checkConditions(call, bucket, file);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const etag = `${digest.digest('hex')}-${parts.length}`;
    const content = { file: basename(file), size, etag, metadata: upload.metadata };
    const object = bucket.put(key, content, 'ObjectCreated:CompleteMultipartUpload');
    await this.discard(call.query('uploadId') ?? '');
    answerXml(
      call.response,
      200,
      element(
        'CompleteMultipartUploadResult',
        textElement('Bucket', bucketName),
        textElement('Key', key),
        textElement('ETag', `"${etag}"`),
      ),
      versionHeader(object.versionId),
    );
  }

  async abort(call: S3Request): Promise<void> {
    call.authorize('s3:AbortMultipartUpload', objectArn(call.bucketName, call.key));
    this.find(call);
    await this.discard(call.query('uploadId') ?? '');
    call.response.writeHead(204);
    call.response.end();
  }

  private partsInOrder(upload: Upload, listed: readonly { PartNumber: number; ETag: string }[]) {
    return listed.map(({ PartNumber, ETag }, index) => {
      const part = upload.parts.get(PartNumber);
      if (!part || unquoted(ETag) !== part.md5.toString('hex')) {
        throw new ServiceError('InvalidPart', 'One or more of the specified parts could not be found.');
      }
      if (PartNumber <= (listed[index - 1]?.PartNumber ?? 0)) {
        throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
      }
      if (index < listed.length - 1 && part.size < SMALLEST_PART_BYTES) {
        throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      }
      return part;
    });
  }

  private find(call: S3Request): Upload {
    const upload = this.uploads.get(call.query('uploadId') ?? '');
    if (upload?.bucketName === call.bucketName && upload.key === call.key) return upload;
    throw new ServiceError('NoSuchUpload', 'The specified upload does not exist.', 404);
  }

  private async discard(id: string): Promise<void> {
    const upload = this.uploads.get(id);
    this.uploads.delete(id);
    for (const part of upload?.parts.values() ?? []) await rm(part.file, { force: true });
  }
}
