import { answerXml, element, textElement } from '../xml.ts';
import type { Buckets } from './buckets.ts';
import { bucketArn, notImplemented, type S3Request } from './context.ts';
import { deleteObjects } from './deletion.ts';
import { listObjects, listVersions } from './listing.ts';

/** Requests about a bucket rather than an object in it. */
export async function handleBucketRequest(call: S3Request, buckets: Buckets): Promise<void> {
  const { method, bucketName, response } = call;
  const done = (status: number, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-length': '0', ...headers });
    response.end();
  };
  switch (method) {
    case 'PUT':
      if (call.url.search !== '' && !call.has('x-id')) throw notImplemented(`PUT ${call.url.search} of a bucket`);
      call.authorize('s3:CreateBucket', bucketArn(bucketName));
      if (!buckets.has(bucketName)) buckets.ensure(bucketName, false);
      return done(200, { location: `/${bucketName}` });
    case 'HEAD':
      call.authorize('s3:ListBucket', bucketArn(bucketName));
      call.bucket();
      return done(200, { 'x-amz-bucket-region': 'us-east-1' });
    case 'DELETE':
      call.authorize('s3:DeleteBucket', bucketArn(bucketName));
      buckets.delete(bucketName);
      response.writeHead(204);
      response.end();
      return;
    case 'POST':
      if (call.has('delete')) return deleteObjects(call);
      throw notImplemented(`POST ${call.url.search} of a bucket`);
    case 'GET':
      if (call.has('versions')) return listVersions(call);
      if (call.has('location')) {
        call.authorize('s3:GetBucketLocation', bucketArn(bucketName));
        call.bucket();
        return answerXml(response, 200, element('LocationConstraint'));
      }
      if (call.has('versioning')) {
        call.authorize('s3:GetBucketVersioning', bucketArn(bucketName));
        const status = call.bucket().versioned ? textElement('Status', 'Enabled') : '';
        return answerXml(response, 200, element('VersioningConfiguration', status));
      }
      for (const part of ['acl', 'policy', 'notification', 'lifecycle', 'encryption', 'uploads', 'cors']) {
        if (call.has(part)) throw notImplemented(`GET ?${part} of a bucket`);
      }
      return listObjects(call);
    default:
      throw notImplemented(`${method} of a bucket`);
  }
}

export function listBuckets(call: S3Request, buckets: Buckets): void {
  call.authorize('s3:ListAllMyBuckets', '*');
  const entries = buckets
    .names()
    .map((name) =>
      element('Bucket', textElement('Name', name), textElement('CreationDate', '2026-01-01T00:00:00.000Z')),
    );
  answerXml(call.response, 200, element('ListAllMyBucketsResult', element('Buckets', ...entries)));
}
