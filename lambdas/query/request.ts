/** A question as the routes see it. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { z } from 'zod';
import { type Format, formatOf } from './format.ts';
import { Problem } from './problem.ts';

const names = z.object({
  study: z.string().min(1).default(''),
  plate: z.string().min(1).default(''),
  well: z.string().min(1).default(''),
  compound: z.string().min(1).default(''),
});

const LARGEST_PAGE = 1000;
const DEFAULT_PAGE = 500;

/** Decimal digits only: JavaScript would take an empty text for 0 and `0x7` for 7. */
const DAY = /^\d{1,5}(\.\d{1,5})?$/;
const LIMIT = /^\d{1,5}$/;

const questions = z.object({
  day: z.string().regex(DAY, 'day is a number, such as 7').transform(Number).optional(),
  limit: z
    .string()
    .regex(LIMIT, `limit is 1 to ${LARGEST_PAGE}`)
    .transform(Number)
    .pipe(z.number().min(1, `limit is 1 to ${LARGEST_PAGE}`).max(LARGEST_PAGE, `limit is 1 to ${LARGEST_PAGE}`))
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
