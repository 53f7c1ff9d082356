import { ServiceError } from '../http.ts';

/**
 * Takes the `aws-chunked` framing off a body: `size[;chunk-signature=…]\r\n data \r\n … 0\r\n trailers`. Trailers (the
 * checksum that the SDKs send behind the data) are put into the given record.
 */
export async function* withoutChunks(
  source: AsyncIterable<Buffer>,
  trailers: Record<string, string>,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  /** Data bytes still to come of the current chunk; undefined = a size line comes next. */
  let left: number | undefined;
  let ended = false;
  for await (const part of source) {
    rest = rest.length > 0 ? Buffer.concat([rest, part]) : part;
    while (!ended) {
      if (left === undefined) {
        const end = rest.indexOf('\r\n');
        if (end < 0) break;
        const size = Number.parseInt(rest.toString('latin1', 0, end), 16);
        if (Number.isNaN(size)) throw new ServiceError('IncompleteBody', 'a chunk has no size');
        rest = rest.subarray(end + 2);
        left = size;
        ended = size === 0;
      } else if (left > 0) {
        if (rest.length === 0) break;
        const data = rest.subarray(0, left);
        rest = rest.subarray(data.length);
        left -= data.length;
        yield data;
      } else {
        if (rest.length < 2) break;
        rest = rest.subarray(2);
        left = undefined;
      }
    }
  }
  if (!ended) throw new ServiceError('IncompleteBody', 'the last chunk is missing');
  for (const line of rest.toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
}
