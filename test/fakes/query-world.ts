import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { parseReference } from '../../lambdas/domain/reference.ts';
import { makeHandler, routes } from '../../lambdas/query/query.ts';
import { makeHandler as makeScore } from '../../lambdas/score/score.ts';
import { projectRoot } from '../../lib/bundling.ts';
import { sqsEvent } from './events.ts';
import { FakeBucket } from './fake-bucket.ts';
import { FakeReadings, FakeScores } from './fake-tables.ts';
import { FakeAnnouncer, FakeLog, fixedNow } from './fakes.ts';

const reference = parseReference(readFileSync(join(projectRoot, 'reference/compounds.csv'), 'utf8'));

export function queryWorld() {
  const deps = { bucket: new FakeBucket(), readings: new FakeReadings(), scores: new FakeScores(), log: new FakeLog() };
  const score = makeScore({ ...deps, announcer: new FakeAnnouncer(), reference, now: fixedNow });
  const handler = makeHandler(deps);
  return { ...deps, score: (study: string) => score(sqsEvent([{ kind: 'score', study }])), handler };
}
/** Asks as API Gateway does. */
export async function ask(
  { handler }: ReturnType<typeof queryWorld>,
  path: string,
  query: Record<string, string> = {},
  accept = 'application/json',
) {
  const routeKey = Object.keys(routes).find((key) => matches(key, path)) ?? 'GET /none';
  const names = [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = new RegExp(`^${pattern(routeKey)}$`).exec(path)?.slice(1) ?? [];
  const event = {
    routeKey,
    rawPath: path,
    headers: { accept },
    queryStringParameters: query,
    pathParameters: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')])),
  };
  const answer = await handler(event as unknown as APIGatewayProxyEventV2);
  const body = answer.body ?? '';
  const isJson = String(answer.headers?.['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    routeKey,
    body,
    json: isJson ? JSON.parse(body) : undefined,
  };
}
const pattern = (routeKey: string) => routeKey.replace('GET ', '').replaceAll(/\{\w+\}/g, '([^/]+)');
const matches = (routeKey: string, path: string) => new RegExp(`^${pattern(routeKey)}$`).test(path);

/** One of each route. */
export const paths = [
  '/v1/studies',
  '/v1/studies/s1',
  '/v1/studies/s1/plates/P1',
  '/v1/studies/s1/plates/P1/readings',
  '/v1/studies/s1/plates/P1/wells/b1',
  '/v1/studies/s1/compounds/Troglitazone',
  '/v1/studies/s1/dili',
];
