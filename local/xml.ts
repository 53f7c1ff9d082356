import type { ServerResponse } from 'node:http';
import { ServiceError } from './http.ts';

export function escapeXml(text: string | number | boolean): string {
  return String(text).replace(/[&<>"\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** `<name>content</name>`; content is XML already. */
export function element(name: string, ...content: string[]): string {
  return `<${name}>${content.join('')}</${name}>`;
}

export function textElement(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : element(name, escapeXml(text));
}

export function answerXml(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
) {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}

/** An error as S3 answers it; a HEAD request gets the status alone. */
export function answerXmlError(response: ServerResponse, error: unknown, head: boolean): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const denied = error instanceof Error && error.name === 'AccessDenied';
  const known = error instanceof ServiceError ? error : undefined;
  const status = known?.status ?? (denied ? 403 : 500);
  const code = known?.code ?? (denied ? 'AccessDenied' : 'InternalError');
  if (head || status === 304) {
    response.writeHead(status);
    response.end();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  answerXml(response, status, element('Error', textElement('Code', code), textElement('Message', message)));
}
