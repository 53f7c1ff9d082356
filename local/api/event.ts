import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestTarget } from '../request-target.ts';

/** What an HTTP API hands to the function, payload format 2.0. */
export interface ApiRequestFacts {
  apiId: string;
  accountId: string;
  region: string;
  stage: string;
  routeKey: string;
  pathParameters: Record<string, string>;
  stageVariables: Record<string, string> | undefined;
  authorizer: Record<string, unknown> | undefined;
  body: Buffer;
}

export function apiEvent(
  request: IncomingMessage,
  url: RequestTarget,
  facts: ApiRequestFacts,
): Record<string, unknown> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && name !== 'cookie') headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const query: Record<string, string> = {};
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name).join(',');
  const now = new Date();
  const text = isText(headers['content-type'] ?? '');
  const domainPrefix = facts.apiId;
  return {
    version: '2.0',
    routeKey: facts.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(request.headers.cookie ? { cookies: request.headers.cookie.split('; ') } : {}),
    headers,
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    ...(Object.keys(facts.pathParameters).length > 0 ? { pathParameters: facts.pathParameters } : {}),
    ...(facts.stageVariables ? { stageVariables: facts.stageVariables } : {}),
    requestContext: {
      accountId: facts.accountId,
      apiId: facts.apiId,
      ...(facts.authorizer ? { authorizer: facts.authorizer } : {}),
      domainName: `${facts.apiId}.execute-api.${facts.region}.amazonaws.com`,
      domainPrefix,
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: facts.routeKey,
      stage: facts.stage,
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(facts.body.length > 0 ? { body: facts.body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: facts.body.length > 0 && !text,
  };
}

function isText(contentType: string): boolean {
  return contentType === '' || /^text\/|json|xml|javascript|x-www-form-urlencoded/.test(contentType);
}
