import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ServiceError } from '../http.ts';
import type { RequestTarget } from '../request-target.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, newChecksum } from './checksums.ts';
import { withoutChunks } from './chunked.ts';
import { FileWriter } from './file-writer.ts';

export interface ReceivedBody {
  size: number;
  md5: Buffer;
  checksum: { algorithm: ChecksumAlgorithm; value: string } | undefined;
}

/** Writes a request's body to a file and checks every digest that the client sent. @throws {ServiceError}, leaving no file. */
export async function receiveBody(request: IncomingMessage, url: RequestTarget, file: string): Promise<ReceivedBody> {
  const { headers } = request;
  const trailers: Record<string, string> = {};
  const algorithm = checksumAlgorithm(headers, url);
  const checksum = algorithm && newChecksum(algorithm);
  const signedHash = /^[0-9a-f]{64}$/.exec(header(headers, 'x-amz-content-sha256'))?.[0];
  const sha256 = signedHash === undefined ? undefined : createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;
  const out = new FileWriter(file);
  try {
    for await (const part of contentOf(request, trailers)) {
      size += part.length;
      md5.update(part);
      checksum?.update(part);
      sha256?.update(part);
      await out.write(part);
    }
    await out.end();
    const decodedLength = headers['x-amz-decoded-content-length'];
    if (decodedLength !== undefined && Number(decodedLength) !== size) {
      throw new ServiceError('IncompleteBody', 'You did not provide the number of bytes specified by the headers.');
    }
    if (sha256 && sha256.digest('hex') !== signedHash) {
      throw new ServiceError('XAmzContentSHA256Mismatch', 'The provided x-amz-content-sha256 does not match the body.');
    }
    const digest = md5.digest();
    const contentMd5 = header(headers, 'content-md5');
    if (contentMd5 && contentMd5 !== digest.toString('base64')) {
      throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    const value = checksum?.digest();
    const wanted = header(headers, `x-amz-checksum-${algorithm}`) || trailers[`x-amz-checksum-${algorithm}`];
    if (wanted && wanted !== value) {
      throw new ServiceError(
        'BadDigest',
        `The ${algorithm?.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
    return { size, md5: digest, checksum: algorithm && value ? { algorithm, value } : undefined };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await out.close();
  }
}

/** A small body as text, for requests in XML. */
export async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of contentOf(request, {})) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function contentOf(request: IncomingMessage, trailers: Record<string, string>): AsyncIterable<Buffer> {
  const chunked =
    header(request.headers, 'x-amz-content-sha256').startsWith('STREAMING-') ||
    header(request.headers, 'content-encoding').includes('aws-chunked');
  return chunked ? withoutChunks(request, trailers) : request;
}

function checksumAlgorithm(headers: IncomingHttpHeaders, url: RequestTarget): ChecksumAlgorithm | undefined {
  const presigned = url.searchParams.has('X-Amz-Signature');
  return CHECKSUM_ALGORITHMS.find(
    (one) =>
      headers[`x-amz-checksum-${one}`] !== undefined ||
      header(headers, 'x-amz-trailer').toLowerCase() === `x-amz-checksum-${one}` ||
      (!presigned && url.searchParams.has(`x-amz-checksum-${one}`)),
  );
}

export function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}
