import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';

const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string() });
const claimsSchema = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    client_id: z.string().optional(),
    exp: z.number(),
    nbf: z.number().optional(),
    scope: z.string().optional(),
    scp: z.union([z.string(), z.array(z.string())]).optional(),
  })
  .loose();
const discoverySchema = z.object({ jwks_uri: z.string() });
const keysSchema = z.object({ keys: z.array(z.object({ kid: z.string() }).loose()) });

export interface VerifiedToken {
  claims: Record<string, string>;
  scopes: string[];
}

/** Checks a token as an HTTP API's JWT authoriser does. @throws with the reason when it is not to be trusted. */
export async function verifyJwt(token: string, issuer: string, audience: readonly string[]): Promise<VerifiedToken> {
  const [header64 = '', claims64 = '', signature64 = ''] = token.split('.');
  const header = headerSchema.parse(decodePart(header64));
  const claims = claimsSchema.parse(decodePart(claims64));
  if (claims.iss !== issuer) throw new Error(`issuer ${claims.iss} is not ${issuer}`);
  const audiences = [claims.aud ?? claims.client_id ?? []].flat();
  if (!audiences.some((one) => audience.includes(one))) throw new Error('the audience is another one');
  const nowSeconds = Date.now() / 1000;
  if (claims.exp <= nowSeconds) throw new Error('the token has expired');
  if ((claims.nbf ?? 0) > nowSeconds) throw new Error('the token is not valid yet');
  const key = await signingKey(issuer, header.kid);
  const signed = Buffer.from(`${header64}.${claims64}`);
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature64, 'base64url')))
    throw new Error('the signature is wrong');
  return {
    claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)])),
    scopes: [claims.scope ?? claims.scp ?? []].flat().flatMap((scope) => scope.split(' ')),
  };
}

async function signingKey(issuer: string, kid: string) {
  const discovery = discoverySchema.parse(
    await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  );
  const { keys } = keysSchema.parse(await getJson(discovery.jwks_uri));
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new Error(`the issuer has no key ${kid}`);
  return createPublicKey({ key: { ...key, kty: 'RSA' }, format: 'jwk' });
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}

function decodePart(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

function claimText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
