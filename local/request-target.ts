import type { IncomingMessage } from 'node:http';
import { ServiceError } from './http.ts';

/** Path and query of a request, still percent-encoded. */
export type RequestTarget = Readonly<Pick<URL, 'pathname' | 'search' | 'searchParams'>>;

/**
 * Takes a request's target apart by hand: `URL` would resolve `.` and `..`, which are names like any other in an S3 key,
 * and knows no path that begins with two slashes.
 *
 * @throws {ServiceError} when the path is not percent-encoded text.
 */
export function targetOf(request: Pick<IncomingMessage, 'url'>): RequestTarget {
  // A proxy's request names scheme and host before the path.
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const [, pathname = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(target) ?? [];
  try {
    decodeURIComponent(pathname);
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
  }
  const search = query === '' ? '' : `?${query}`;
  return { pathname: pathname === '' ? '/' : pathname, search, searchParams: new URLSearchParams(query) };
}
