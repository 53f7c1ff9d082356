import { copyFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ServiceError } from '../http.ts';
import { answerXml, element, textElement } from '../xml.ts';
import { receiveBody } from './body.ts';
import type { Bucket } from './bucket.ts';
import { bucketArn, noSuchKey, objectArn, preconditionFailed, type S3Request, unquoted } from './context.ts';
import { versionHeader } from './get-object.ts';
import { hasContent, type ObjectMetadata, type StoredObject } from './version.ts';

/** PutObject: the object is there once its bytes, its journal line and its event are kept. */
export async function putObject(call: S3Request): Promise<void> {
  call.authorize('s3:PutObject', objectArn(call.bucketName, call.key));
  const bucket = call.bucket();
  const file = bucket.newFile();
  const { size, md5, checksum } = await receiveBody(call.request, call.url, file);
  await checkConditions(call, bucket, file);
  const content = { file: basename(file), size, etag: md5.toString('hex'), metadata: metadataOf(call), checksum };
  const object = bucket.put(call.key, content, 'ObjectCreated:Put');
  call.response.writeHead(200, {
    etag: `"${content.etag}"`,
    ...(checksum
      ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }
      : {}),
    ...versionHeader(object.versionId),
    'content-length': '0',
  });
  call.response.end();
}

/** What `x-amz-copy-source` names, after leave was asked for it. */
export function copySource(call: S3Request): { object: StoredObject; file: string } {
  const [path = '', versionId] = call.header('x-amz-copy-source').split('?versionId=');
  const [name = '', ...rest] = decodeURIComponent(path).replace(/^\//, '').split('/');
  const key = rest.join('/');
  call.authorize(versionId ? 's3:GetObjectVersion' : 's3:GetObject', objectArn(name, key));
  const bucket = call.bucket(name);
  const object = versionId ? bucket.version(key, versionId) : bucket.current(key);
  if (!hasContent(object)) {
    call.authorize('s3:ListBucket', bucketArn(name));
    throw noSuchKey();
  }
  return { object, file: bucket.fileOf(object.content) };
}

export async function copyObject(call: S3Request): Promise<void> {
  call.authorize('s3:PutObject', objectArn(call.bucketName, call.key));
  const { object: source, file: sourceFile } = copySource(call);
  const bucket = call.bucket();
  const file = bucket.newFile();
  await copyFile(sourceFile, file);
  await checkConditions(call, bucket, file);
  const replaces = call.header('x-amz-metadata-directive') === 'REPLACE';
  const metadata = replaces ? metadataOf(call) : source.content.metadata;
  const content = { ...source.content, file: basename(file), metadata };
  const object = bucket.put(call.key, content, 'ObjectCreated:Copy');
  answerXml(
    call.response,
    200,
    element(
      'CopyObjectResult',
      textElement('LastModified', new Date(object.modifiedAt).toISOString()),
      textElement('ETag', `"${content.etag}"`),
    ),
    versionHeader(object.versionId),
  );
}

/** Conditional writes are judged when the bytes have come: only then is it known who was first. */
export async function checkConditions(call: S3Request, bucket: Bucket, file: string): Promise<void> {
  const current = bucket.current(call.key);
  const wanted = call.header('if-match');
  let failure: ServiceError | undefined;
  if (call.header('if-none-match') === '*' && current) failure = preconditionFailed();
  else if (wanted && !current) failure = noSuchKey();
  else if (wanted && unquoted(wanted) !== current?.content.etag) failure = preconditionFailed();
  if (!failure) return;
  await rm(file, { force: true });
  throw failure;
}

export function metadataOf(call: S3Request): ObjectMetadata {
  const encodings = call
    .header('content-encoding')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked');
  const user: Record<string, string> = {};
  for (const name of Object.keys(call.request.headers)) {
    if (name.startsWith('x-amz-meta-')) user[name] = call.header(name);
  }
  return {
    contentType: call.header('content-type') || 'binary/octet-stream',
    contentEncoding: encodings.join(',') || undefined,
    cacheControl: call.header('cache-control') || undefined,
    contentDisposition: call.header('content-disposition') || undefined,
    user,
  };
}
