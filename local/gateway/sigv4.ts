import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { IdentityStore, Principal } from '../contract.ts';
import type { RequestTarget } from '../request-target.ts';

/** AWS allows clocks to differ by a quarter of an hour. */
const CLOCK_SKEW_MS = 15 * 60_000;

export class SignatureError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a request says about its signature, in the header or (presigned URL) in the query. */
export interface Claim {
  accessKeyId: string;
  /** `date/region/service/aws4_request`. */
  scope: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  amzDate: string;
  sessionToken: string | undefined;
  presigned: boolean;
}

/** @throws {SignatureError} when the request carries no SigV4 signature. */
export function readClaim(request: IncomingMessage, url: RequestTarget): Claim {
  const query = url.searchParams;
  const presigned = query.has('X-Amz-Signature');
  const header = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
    request.headers.authorization ?? '',
  );
  if (!presigned && !header) throw new SignatureError('MissingAuthenticationToken', 'the request is not signed');
  const credential = presigned ? (query.get('X-Amz-Credential') ?? '') : (header?.[1] ?? '');
  const signedHeaders = presigned ? (query.get('X-Amz-SignedHeaders') ?? '') : (header?.[2] ?? '');
  const [accessKeyId = '', ...scope] = credential.split('/');
  return {
    accessKeyId,
    scope: scope.join('/'),
    service: scope[2] ?? '',
    signedHeaders: signedHeaders.split(';'),
    signature: presigned ? (query.get('X-Amz-Signature') ?? '') : (header?.[3] ?? ''),
    amzDate: presigned ? (query.get('X-Amz-Date') ?? '') : headerText(request, 'x-amz-date'),
    sessionToken: presigned
      ? (query.get('X-Amz-Security-Token') ?? undefined)
      : headerText(request, 'x-amz-security-token') || undefined,
    presigned,
  };
}

/**
 * Checks a claim against the caller's secret and answers who calls.
 *
 * @param payloadHash hex SHA-256 of the body, or S3's name for a body that is checked otherwise.
 * @throws {SignatureError}
 */
export function verifyClaim(
  claim: Claim,
  request: IncomingMessage,
  url: RequestTarget,
  payloadHash: string,
  identities: IdentityStore,
): Principal {
  const identity = identities.find(claim.accessKeyId);
  if (!identity) {
    throw new SignatureError('InvalidClientTokenId', `access key ${claim.accessKeyId} does not exist`);
  }
  if (identity.sessionToken !== claim.sessionToken) {
    throw new SignatureError('InvalidClientTokenId', 'the security token is invalid');
  }
  checkTime(claim, url);
  if (!claim.signedHeaders.includes('host')) throw mismatch();
  const canonicalRequest = [
    request.method,
    canonicalPath(url.pathname, claim.service),
    canonicalQuery(url),
    ...claim.signedHeaders.map((name) => `${name}:${headerText(request, name).trim().replace(/ +/g, ' ')}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', claim.amzDate, claim.scope, sha256(canonicalRequest)].join('\n');
  const expected = hmac(signingKey(identity.secretAccessKey, claim.scope), text);
  const given = Buffer.from(claim.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw mismatch();
  return identity.principal;
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** RFC 3986, as AWS encodes names: encodeURIComponent leaves five characters too many. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function checkTime(claim: Claim, url: RequestTarget): void {
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.amzDate);
  if (!at || !claim.scope.startsWith(claim.amzDate.slice(0, 8))) throw mismatch();
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = at.slice(1).map(Number);
  const signedAt = Date.UTC(year, month - 1, day, hour, minute, second);
  const age = Date.now() - signedAt;
  if (claim.presigned) {
    const lifeMs = 1000 * Number(url.searchParams.get('X-Amz-Expires'));
    if (!(age <= lifeMs)) throw new SignatureError('AccessDenied', 'Request has expired');
  } else if (Math.abs(age) > CLOCK_SKEW_MS) {
    throw new SignatureError('RequestTimeTooSkewed', 'the request was signed too long ago, or in the future');
  }
}

/** S3 signs the path as it is; every other service encodes the encoded path once more. */
function canonicalPath(pathname: string, service: string): string {
  const encode = (segment: string) => uriEncode(service === 's3' ? decodeURIComponent(segment) : segment);
  return pathname.split('/').map(encode).join('/');
}

function canonicalQuery(url: RequestTarget): string {
  return [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [uriEncode(name), uriEncode(value)])
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map((pair) => pair.join('='))
    .join('&');
}

/** Keys that were derived: four digests each, for what is the same all day. */
const signingKeys = new Map<string, Buffer>();
const MOST_SIGNING_KEYS = 100;

function signingKey(secret: string, scope: string): Buffer {
  const name = `${scope} ${secret}`;
  const known = signingKeys.get(name);
  if (known) return known;
  const [date = '', region = '', service = '', end = ''] = scope.split('/');
  const key = [region, service, end].reduce((one, part) => hmac(one, part), hmac(`AWS4${secret}`, date));
  if (signingKeys.size >= MOST_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function headerText(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function mismatch(): SignatureError {
  return new SignatureError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  );
}
