import { uriEncode } from '../gateway/sigv4.ts';
import { answerXml, element, escapeXml, textElement } from '../xml.ts';
import { bucketArn, type S3Request } from './context.ts';
import type { StoredObject } from './version.ts';

const PAGE_LIMIT = 1_000;
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
/** Sorts behind every key that starts with what stands before it. */
const AFTER_ALL = '\u{10FFFF}';

/** ListObjectsV2, and the older ListObjects, which differs in how a page names the next. */
export function listObjects(call: S3Request): void {
  const { bucketName } = call;
  const prefix = call.query('prefix') ?? '';
  const delimiter = call.query('delimiter') ?? '';
  call.authorize('s3:ListBucket', bucketArn(bucketName), { 's3:prefix': prefix, 's3:delimiter': delimiter });
  const bucket = call.bucket();
  const second = call.query('list-type') === '2';
  const limit = Math.min(PAGE_LIMIT, Number(call.query('max-keys') ?? PAGE_LIMIT));
  const token = call.query('continuation-token');
  const after = token
    ? Buffer.from(token, 'base64url').toString()
    : (call.query('start-after') ?? call.query('marker') ?? '');
  const objects: StoredObject[] = [];
  const folders: string[] = [];
  let last = after;
  let truncated = false;
  let from = after;
  if (prefix > after) from = prefix;
  for (;;) {
    let jump: string | undefined;
    for (const key of bucket.keysFrom(from)) {
      if (!key.startsWith(prefix)) break;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const folder = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
      if ((folder ?? key) <= after) {
        if (!folder) continue;
        // The folder was on an earlier page: go on behind all that is in it.
        jump = folder + AFTER_ALL;
        break;
      }
      if (objects.length + folders.length >= limit) {
        truncated = true;
        break;
      }
      last = folder ?? key;
      if (folder) {
        folders.push(folder);
        jump = folder + AFTER_ALL;
        break;
      }
      const object = bucket.current(key);
      if (object) objects.push(object);
    }
    if (jump === undefined) break;
    from = jump;
  }
  const encoded = call.query('encoding-type') === 'url';
  const name = (text: string) => (encoded ? uriEncode(text).replaceAll('%2F', '/') : escapeXml(text));
  const next = second
    ? textElement('NextContinuationToken', Buffer.from(last).toString('base64url'))
    : element('NextMarker', name(last));
  answerXml(
    call.response,
    200,
    [
      `<ListBucketResult ${NAMESPACE}>`,
      textElement('Name', bucketName),
      element('Prefix', name(prefix)),
      delimiter ? element('Delimiter', name(delimiter)) : '',
      textElement('MaxKeys', limit),
      second ? textElement('KeyCount', objects.length + folders.length) : '',
      encoded ? element('EncodingType', 'url') : '',
      textElement('IsTruncated', truncated),
      truncated ? next : '',
      ...objects.map((object) =>
        element(
          'Contents',
          element('Key', name(object.key)),
          textElement('LastModified', new Date(object.modifiedAt).toISOString()),
          textElement('ETag', `"${object.content.etag}"`),
          textElement('Size', object.content.size),
          textElement('StorageClass', 'STANDARD'),
        ),
      ),
      ...folders.map((folder) => element('CommonPrefixes', element('Prefix', name(folder)))),
      '</ListBucketResult>',
    ].join(''),
  );
}

/** ListObjectVersions, one page of all: for looking, not for buckets of many versions. */
export function listVersions(call: S3Request): void {
  const prefix = call.query('prefix') ?? '';
  call.authorize('s3:ListBucketVersions', bucketArn(call.bucketName), { 's3:prefix': prefix });
  const versions = call
    .bucket()
    .allVersions()
    .filter((version) => version.key.startsWith(prefix));
  const newest = new Map(versions.toReversed().map((version) => [version.key, version]));
  const entries = versions.map((version) =>
    element(
      version.content ? 'Version' : 'DeleteMarker',
      textElement('Key', version.key),
      textElement('VersionId', version.versionId),
      textElement('IsLatest', newest.get(version.key) === version),
      textElement('LastModified', new Date(version.modifiedAt).toISOString()),
      textElement('ETag', version.content && `"${version.content.etag}"`),
      textElement('Size', version.content?.size),
    ),
  );
  const head = [textElement('Name', call.bucketName), textElement('Prefix', prefix), textElement('IsTruncated', false)];
  answerXml(
    call.response,
    200,
    `<ListVersionsResult ${NAMESPACE}>${[...head, ...entries].join('')}</ListVersionsResult>`,
  );
}
