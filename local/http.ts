import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignedCall } from './contract.ts';

/** An error as AWS's JSON protocols answer it. */
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly fields: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** The body of a verified call. @throws {ServiceError} when it is longer than the service takes. */
export function bodyOf(call: SignedCall, limitBytes: number): Buffer {
  const body = call.body ?? Buffer.alloc(0);
  if (body.length > limitBytes) throw tooLong(limitBytes);
  return body;
}

/** Reads a whole request body. @throws {ServiceError} when it is longer than the limit. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLong(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLong(limitBytes: number): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', `the body is longer than ${limitBytes} bytes`, 413);
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}

/** Answers a failure of a JSON-protocol service. Unknown errors are the service's own fault: 500. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof ServiceError ? error : undefined;
  const denied = error instanceof Error && error.name === 'AccessDenied';
  const code = known?.code ?? (denied ? 'AccessDeniedException' : 'InternalFailure');
  const status = known?.status ?? (denied ? 403 : 500);
  const message = error instanceof Error ? error.message : String(error);
  answerJson(
    response,
    status,
    { __type: code, message, Message: message, ...known?.fields },
    { 'x-amzn-errortype': code },
  );
}
