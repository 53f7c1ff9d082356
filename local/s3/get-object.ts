import { ServiceError } from '../http.ts';
import { bucketArn, noSuchKey, objectArn, preconditionFailed, type S3Request, unquoted } from './context.ts';
import { sendFile } from './send-file.ts';
import { hasContent, type ObjectContent, type StoredObject } from './version.ts';

/** GetObject and HeadObject: conditions, ranges, versions. */
export async function getObject(call: S3Request): Promise<void> {
  const { response } = call;
  const object = find(call);
  const { content } = object;
  if (call.header('if-match') && unquoted(call.header('if-match')) !== content.etag) throw preconditionFailed();
  if (unquoted(call.header('if-none-match')) === content.etag) {
    response.writeHead(304, { etag: `"${content.etag}"` });
    response.end();
    return;
  }
  const range = rangeOf(call.header('range'), content.size);
  const { start, end } = range ?? { start: 0, end: content.size - 1 };
  const { checksum } = content;
  response.writeHead(range ? 206 : 200, {
    ...objectHeaders(object),
    'content-length': String(end - start + 1),
    ...(range ? { 'content-range': `bytes ${start}-${end}/${content.size}` } : {}),
    ...(checksum && !range && call.header('x-amz-checksum-mode')
      ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }
      : {}),
    ...overrides(call),
  });
  if (call.method === 'HEAD' || content.size === 0) {
    response.end();
    return;
  }
  const file = call.bucket().fileOf(content);
  // A client that goes away in the middle is its own affair.
  await sendFile(file, start, end, response).catch(() => response.destroy());
}

export function objectHeaders({ content, versionId, modifiedAt }: StoredObject): Record<string, string> {
  const { metadata, etag } = content;
  return {
    etag: `"${etag}"`,
    'last-modified': new Date(modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...metadataHeaders(metadata),
    ...versionHeader(versionId),
  };
}

export function versionHeader(versionId: string): Record<string, string> {
  return versionId === 'null' ? {} : { 'x-amz-version-id': versionId };
}

/** The object asked for, after leave was asked: who may not list a bucket does not learn what is missing in it. */
function find(call: S3Request): StoredObject {
  const { bucketName, key } = call;
  const versionId = call.query('versionId');
  call.authorize(versionId ? 's3:GetObjectVersion' : 's3:GetObject', objectArn(bucketName, key));
  const bucket = call.bucket();
  const found = versionId ? bucket.version(key, versionId) : bucket.current(key);
  if (hasContent(found)) return found;
  call.authorize('s3:ListBucket', bucketArn(bucketName));
  if (found) throw new ServiceError('MethodNotAllowed', 'The specified version is a delete marker.', 405);
  throw versionId ? new ServiceError('NoSuchVersion', 'The specified version does not exist.', 404) : noSuchKey();
}

function metadataHeaders(metadata: ObjectContent['metadata']): Record<string, string> {
  return {
    'content-type': metadata.contentType,
    ...(metadata.contentEncoding ? { 'content-encoding': metadata.contentEncoding } : {}),
    ...(metadata.cacheControl ? { 'cache-control': metadata.cacheControl } : {}),
    ...(metadata.contentDisposition ? { 'content-disposition': metadata.contentDisposition } : {}),
    ...metadata.user,
  };
}

function overrides(call: S3Request): Record<string, string> {
  const names = ['content-type', 'content-disposition', 'content-encoding', 'cache-control'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = call.query(`response-${name}`);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** `bytes=a-b`, `bytes=a-` or `bytes=-n`; anything else asks for the whole object. */
function rangeOf(header: string, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start, end };
}
