import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { toCsv } from './csv.ts';
import type { Answer, QueryDeps } from './deps.ts';
import type { Format } from './format.ts';
import { answerPlate, answerReadings, answerWell } from './plates.ts';
import { Problem } from './problem.ts';
import { type Question, questionOf } from './request.ts';
import { answerCompound, answerRanking } from './scores.ts';
import { answerStudies, answerStudy } from './studies.ts';

type Route = (question: Question, deps: QueryDeps) => Promise<Answer>;

/** By the template's route keys. */
export const routes: Readonly<Record<string, Route>> = {
  'GET /v1/studies': answerStudies,
  'GET /v1/studies/{study}': answerStudy,
  'GET /v1/studies/{study}/plates/{plate}': answerPlate,
  'GET /v1/studies/{study}/plates/{plate}/readings': answerReadings,
  'GET /v1/studies/{study}/plates/{plate}/wells/{well}': answerWell,
  'GET /v1/studies/{study}/compounds/{compound}': answerCompound,
  'GET /v1/studies/{study}/dili': answerRanking,
};

/** Where a Lambda's answer ends, which is JSON: the body counts with its quotes escaped. */
const LARGEST_ANSWER_BYTES = 6_291_556;

/** How to ask a route for less; the others are shorter as a table. */
const LESS: Readonly<Record<string, string>> = {
  'GET /v1/studies': 'ask for fewer with ?limit=',
  'GET /v1/studies/{study}/plates/{plate}/readings': 'ask for fewer with ?limit=',
  'GET /v1/studies/{study}/compounds/{compound}': 'leave out what it was made from with ?provenance=false',
};

/** Answers the HTTP API. */
export const makeHandler =
  (deps: QueryDeps) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    try {
      const route = routes[event.routeKey];
      if (!route) throw new Problem(404, `there is no ${event.routeKey}`);
      const question = questionOf(event);
      const answer = rendered(await route(question, deps), question.format);
      if (Buffer.byteLength(JSON.stringify(answer)) > LARGEST_ANSWER_BYTES)
        throw new Problem(
          413,
          `the answer is larger than 6 MB: ${LESS[event.routeKey] ?? 'ask for a table with ?format=csv'}`,
        );
      return answer;
    } catch (error) {
      if (error instanceof Problem) return problem(error);
      deps.log.error('a question could not be answered', { route: event.routeKey, path: event.rawPath, error });
      return problem(new Problem(500, 'the answer could not be made; the log has the reason'));
    }
  };

function rendered({ body, rows, columns, nextCursor }: Answer, format: Format): APIGatewayProxyStructuredResultV2 {
  const text =
    format === 'csv' ? toCsv(rows, columns, 'simulated' in body ? body.simulated : null) : JSON.stringify(body);
  return {
    statusCode: 200,
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8',
      vary: 'accept',
      // A table has no place for it.
      ...(format === 'csv' && nextCursor ? { 'x-next-cursor': nextCursor } : {}),
    },
    body: text,
  };
}

const problem = ({ status, body }: Problem): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify(body),
});
