/** A question as the routes see it. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { z } from 'zod';
import { Problem } from './problem.ts';

export type Format = 'json' | 'csv';

const names = z.object({
  study: z.string().min(1).default(''),
  plate: z.string().min(1).default(''),
  well: z.string().min(1).default(''),
  compound: z.string().min(1).default(''),
});

const LARGEST_PAGE = 1000;
const DEFAULT_PAGE = 500;

const questions = z.object({
  day: z.coerce.number('day is a number').optional(),
  limit: z.coerce
    .number(`limit is 1 to ${LARGEST_PAGE}`)
    .int()
    .min(1, `limit is 1 to ${LARGEST_PAGE}`)
    .max(LARGEST_PAGE, `limit is 1 to ${LARGEST_PAGE}`)
    .default(DEFAULT_PAGE),
  cursor: z.string().optional(),
  format: z.enum(['json', 'csv'], 'format is json or csv').optional(),
  provenance: z
    .enum(['true', 'false'], 'provenance is true or false')
    .default('true')
    .transform((text) => text === 'true'),
});

export interface Question extends z.infer<typeof names> {
  day: number | undefined;
  limit: number;
  /** Where the last page ended. */
  after: string | undefined;
  provenance: boolean;
  format: Format;
}

/** @throws Problem 400 naming what is wrong with the question. */
export function questionOf(event: APIGatewayProxyEventV2): Question {
  const parsed = questions.safeParse(event.queryStringParameters ?? {});
  if (!parsed.success) throw new Problem(400, parsed.error.issues.map(({ message }) => message).join('; '));
  const { cursor, format, day, limit, provenance } = parsed.data;
  return {
    ...names.parse(event.pathParameters ?? {}),
    day,
    limit,
    provenance,
    after: cursor === undefined ? undefined : afterCursor(cursor),
    format: format ?? formatOf(event.headers['accept']),
  };
}

/** Opaque: callers must not build one, so that what is inside may change. */
export const cursorAfter = (last: string): string => Buffer.from(JSON.stringify({ after: last })).toString('base64url');

const cursorSchema = z.object({ after: z.string() });

function afterCursor(cursor: string): string {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).after;
  } catch {
    throw new Problem(400, 'cursor is not one that this API gave');
  }
}

/** The first of ours that the caller takes; JSON when it takes anything. */
function formatOf(accept = '*/*'): Format {
  for (const range of accept.split(',')) {
    const type = range.split(';')[0]?.trim().toLowerCase();
    if (type === 'text/csv') return 'csv';
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  }
  throw new Problem(406, 'this API answers application/json or text/csv');
}
