import type { IncomingMessage } from 'node:http';
import type { Principal } from '../contract.ts';
import { verifyJwt } from './jwt.ts';

/** API Gateway's answer to a caller that may not pass. */
export class Unauthorized extends Error {
  constructor(
    readonly status: 401 | 403,
    message: 'Unauthorized' | 'Forbidden',
  ) {
    super(message);
  }
}

/** Lets a request pass and says what the function learns about the caller, or throws {@link Unauthorized}. */
export type Authorizer = (
  request: IncomingMessage,
  body: Buffer,
  methodArn: string,
) => Promise<Record<string, unknown> | undefined>;

export const openToAll: Authorizer = async () => undefined;

/** `AWS_IAM`: the request is signed for `execute-api`, and the signer may `execute-api:Invoke` the route. */
export function iamAuthorizer(
  authenticate: (request: IncomingMessage, body: Buffer) => Principal,
  accountId: string,
  log: (message: string) => void,
): Authorizer {
  return async (request, body, methodArn) => {
    try {
      const principal = authenticate(request, body);
      principal.authorize({ action: 'execute-api:Invoke', resource: methodArn });
      return { iam: { accountId, userArn: principal.arn, callerId: principal.arn, userId: principal.arn } };
    } catch (error) {
      log(`api: refused: ${error instanceof Error ? error.message : error}`);
      throw new Unauthorized(403, 'Forbidden');
    }
  };
}

/** A JWT authoriser: a bearer token of the issuer, for one of the audiences, with one of the route's scopes. */
export function jwtAuthorizer(
  issuer: string,
  audience: readonly string[],
  scopes: readonly string[],
  log: (message: string) => void,
): Authorizer {
  return async (request) => {
    const token = /^(?:Bearer )?(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) throw new Unauthorized(401, 'Unauthorized');
    const verified = await verifyJwt(token, issuer, audience).catch((error: unknown) => {
      log(`api: refused: ${error instanceof Error ? error.message : error}`);
      throw new Unauthorized(401, 'Unauthorized');
    });
    if (scopes.length > 0 && !scopes.some((scope) => verified.scopes.includes(scope))) {
      throw new Unauthorized(403, 'Forbidden');
    }
    return { jwt: verified };
  };
}
