import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsService, IdentityStore, Principal } from '../contract.ts';
import { answerError, readBody, ServiceError } from '../http.ts';
import { targetOf } from '../request-target.ts';
import { answerXmlError } from '../xml.ts';
import { type Claim, readClaim, SignatureError, sha256, verifyClaim } from './sigv4.ts';

/** More than any service but S3 takes; each has its own, lower limit. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

export interface GatewayOptions {
  /** 0 = any free port. */
  port: number;
  identities: IdentityStore;
  services: readonly AwsService[];
  log: (message: string) => void;
}

export interface Gateway {
  url: string;
  close(): Promise<void>;
}

/** One address for all AWS services: verifies who signed, then hands over to the service that the signature names. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const services = new Map(options.services.flatMap((service) => service.names.map((name) => [name, service])));
  const server = createServer((request, response) => {
    handle(request, response, services, options.identities).catch((error: unknown) => {
      if (!(error instanceof ServiceError || error instanceof SignatureError)) {
        options.log(`gateway: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      }
      refuse(request, response, error);
    });
  });
  // Clients keep connections; a function that slept longer than Node's 5 s would find its connection reset.
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Who signed a request for the given service. @throws {SignatureError} */
export function verifyRequest(
  request: IncomingMessage,
  body: Buffer,
  identities: IdentityStore,
  service: string,
): Principal {
  const url = targetOf(request);
  const claim = readClaim(request, url);
  if (claim.service !== service) {
    throw new SignatureError('InvalidSignature', `the request is signed for ${claim.service}, not ${service}`);
  }
  return verifyClaim(claim, request, url, sha256(body), identities);
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  services: ReadonlyMap<string, AwsService>,
  identities: IdentityStore,
): Promise<void> {
  const url = targetOf(request);
  const claim = readClaim(request, url);
  const service = services.get(claim.service);
  if (!service) {
    throw new ServiceError('UnknownOperationException', `service ${claim.service} is not known to the local cloud`);
  }
  if (claim.service === 's3') {
    const principal = verifyClaim(claim, request, url, s3PayloadHash(request, claim), identities);
    return service.handle({ request, response, service: 's3', principal });
  }
  const body = await readBody(request, BODY_LIMIT_BYTES);
  const principal = verifyClaim(claim, request, url, sha256(body), identities);
  return service.handle({ request, response, service: claim.service, principal, body });
}

/** S3 signs the hash that the header says, and checks the body against it when the body has come. */
function s3PayloadHash(request: IncomingMessage, claim: Claim): string {
  if (claim.presigned) return 'UNSIGNED-PAYLOAD';
  return String(request.headers['x-amz-content-sha256'] ?? sha256(''));
}

/** Before a service is known, the way a request looks decides how the refusal is written. */
function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  request.resume();
  const { authorization } = request.headers;
  const forS3 = authorization ? authorization.includes('/s3/aws4_request') : !('x-amz-target' in request.headers);
  if (forS3)
    answerXmlError(
      response,
      asServiceError(error, (code) => code),
      request.method === 'HEAD',
    );
  else answerError(response, asServiceError(error, jsonCode));
}

function asServiceError(error: unknown, codeName: (code: string) => string): unknown {
  return error instanceof SignatureError ? new ServiceError(codeName(error.code), error.message, 403) : error;
}

function jsonCode(code: string): string {
  return code === 'SignatureDoesNotMatch' ? 'InvalidSignatureException' : `${code.replace(/Id$/, '')}Exception`;
}
