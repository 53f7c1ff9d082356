import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../http.ts';
import type { RequestTarget } from '../request-target.ts';
import type { Bucket } from './bucket.ts';

/** One S3 request, taken apart, with the leave of its caller to be asked for. */
export interface S3Request {
  request: IncomingMessage;
  response: ServerResponse;
  url: RequestTarget;
  method: string;
  bucketName: string;
  /** Empty for a request about the bucket. */
  key: string;
  /** Whether the query has this name, as S3 marks its sub-resources (`?uploads`). */
  has(name: string): boolean;
  query(name: string): string | undefined;
  header(name: string): string;
  /** @throws {ServiceError} when it does not exist. */
  bucket(name?: string): Bucket;
  /** Asks the caller's policies and the bucket's. @throws {AccessDenied} */
  authorize(action: string, resource: string, context?: Record<string, string>): void;
}

export const objectArn = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;
export const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;

export function noSuchKey(): ServiceError {
  return new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
}

export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `${what} is not known to the local cloud`, 501);
}

export function preconditionFailed(): ServiceError {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new ServiceError('PreconditionFailed', message, 412);
}

export const unquoted = (etag: string) => etag.replaceAll('"', '');
