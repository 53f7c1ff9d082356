import type { S3Service, ServiceContext, SignedCall } from '../contract.ts';
import { ServiceError } from '../http.ts';
import { targetOf } from '../request-target.ts';
import { answerXmlError } from '../xml.ts';
import { header } from './body.ts';
import { handleBucketRequest, listBuckets } from './bucket-requests.ts';
import { Buckets } from './buckets.ts';
import { notImplemented, type S3Request } from './context.ts';
import { deleteObject } from './deletion.ts';
import { getObject } from './get-object.ts';
import { MultipartUploads } from './multipart.ts';
import { copyObject, putObject } from './put-object.ts';
import { getTagging, putTagging } from './tagging.ts';

/** Parts of an object that have a request of their own and that nobody here needs. */
const UNKNOWN_PARTS = ['acl', 'retention', 'legal-hold', 'torrent', 'restore', 'select', 'attributes'];

/** S3 on disk: versions, multipart uploads, checksums, presigned URLs, conditional writes, notifications. */
export async function createS3(context: ServiceContext): Promise<S3Service> {
  const buckets = new Buckets(context);
  const uploads = new MultipartUploads();
  return {
    names: ['s3'],
    handle: (call) => handle(call, buckets, uploads, context.log),
    async close() {
      for (const bucket of buckets.all()) bucket.close();
    },
    async ensureBucket(name, { versioned }) {
      buckets.ensure(name, versioned);
    },
    setBucketGuard: (name, guard) => buckets.setGuard(name, guard),
    onObjectEvent: (name, listener) => buckets.get(name).outbox.listen(listener),
    pending: () => buckets.all().reduce((sum, bucket) => sum + bucket.outbox.pending, 0),
  };
}

async function handle(
  { request, response, principal }: SignedCall,
  buckets: Buckets,
  uploads: MultipartUploads,
  log: (message: string) => void,
): Promise<void> {
  const url = targetOf(request);
  const [bucketName = '', ...segments] = url.pathname.slice(1).split('/');
  const call: S3Request = {
    request,
    response,
    url,
    method: request.method ?? 'GET',
    bucketName,
    key: segments.map(decodeURIComponent).join('/'),
    has: (name) => url.searchParams.has(name),
    query: (name) => url.searchParams.get(name) ?? undefined,
    header: (name) => header(request.headers, name),
    bucket: (name = bucketName) => buckets.get(name),
    authorize: (action, resource, context = {}) => buckets.authorize(principal, { action, resource, context }),
  };
  try {
    if (bucketName === '') listBuckets(call, buckets);
    else if (call.key === '') await handleBucketRequest(call, buckets);
    else await handleObjectRequest(call, uploads);
  } catch (error) {
    request.resume();
    const expected = error instanceof ServiceError || (error instanceof Error && error.name === 'AccessDenied');
    if (!expected) log(`s3: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    answerXmlError(response, error, call.method === 'HEAD');
  }
}

async function handleObjectRequest(call: S3Request, uploads: MultipartUploads): Promise<void> {
  const { method } = call;
  for (const part of UNKNOWN_PARTS) if (call.has(part)) throw notImplemented(`${method} ?${part} of an object`);
  if (call.has('tagging')) {
    if (method === 'PUT') return putTagging(call);
    if (method === 'GET') return getTagging(call);
  } else if (call.has('uploadId')) {
    if (method === 'PUT') return uploads.putPart(call);
    if (method === 'POST') return uploads.complete(call);
    if (method === 'DELETE') return uploads.abort(call);
  } else if (method === 'POST' && call.has('uploads')) return uploads.create(call);
  else if (method === 'PUT') return call.header('x-amz-copy-source') ? copyObject(call) : putObject(call);
  else if (method === 'GET' || method === 'HEAD') return getObject(call);
  else if (method === 'DELETE') return deleteObject(call);
  throw notImplemented(`${method} ${call.url.search}`);
}
