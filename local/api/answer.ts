import type { ServerResponse } from 'node:http';
import { z } from 'zod';

const answerSchema = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** Turns a function's answer into HTTP by API Gateway's rules: an answer without a status code is a 200 with JSON. */
export function writeAnswer(response: ServerResponse, payload: string): void {
  const value: unknown = JSON.parse(payload);
  const hasStatus = typeof value === 'object' && value !== null && 'statusCode' in value;
  if (!hasStatus) {
    write(response, 200, { 'content-type': 'application/json' }, [], Buffer.from(payload));
    return;
  }
  const answer = answerSchema.safeParse(value);
  if (!answer.success) {
    writeMessage(response, 500, 'Internal Server Error');
    return;
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded } = answer.data;
  const lower = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)]));
  write(
    response,
    statusCode,
    { 'content-type': 'text/plain;charset=UTF-8', ...lower },
    cookies,
    Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  );
}

/** API Gateway's own answers, for example `{"message":"Forbidden"}`. */
export function writeMessage(response: ServerResponse, status: number, message: string): void {
  write(response, status, { 'content-type': 'application/json' }, [], Buffer.from(JSON.stringify({ message })));
}

function write(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  cookies: string[],
  body: Buffer,
): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    ...headers,
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    'content-length': String(body.length),
  });
  response.end(body);
}
