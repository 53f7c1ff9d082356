/** A signed client of the project's own HTTP API. */
import { Sha256 } from '@aws-crypto/sha256-js';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { UserError } from './console.ts';

const problem = z.object({ title: z.string().optional(), detail: z.string().optional() });
const page = z.looseObject({ nextCursor: z.string().nullish() });

export interface Api {
  /** GET of a path such as `/v1/studies`, parsed by the schema. */
  get<T>(path: string, schema: z.ZodType<T>, query?: Record<string, string>): Promise<T>;
  /** All pages of a list, by their cursors. */
  pages<T>(path: string, schema: z.ZodType<T>, query?: Record<string, string>): AsyncGenerator<T>;
}

/** Path of percent-encoded segments: study and plate names may hold spaces. */
export const apiPath = (...segments: string[]): string => `/v1/${segments.map(encodeURIComponent).join('/')}`;

export function createApi(connection: Connection): Api {
  const signer = new SignatureV4({
    service: 'execute-api',
    region: connection.region,
    credentials: defaultProvider(),
    sha256: Sha256,
  });

  const fetchJson = async (path: string, query: Record<string, string>): Promise<unknown> => {
    const base = new URL(connection.apiUrl);
    const request = new HttpRequest({
      method: 'GET',
      protocol: base.protocol,
      hostname: base.hostname,
      ...(base.port ? { port: Number(base.port) } : {}),
      path: `${base.pathname.replace(/\/$/, '')}${path}`,
      query,
      headers: { host: base.host, accept: 'application/json' },
    });
    const signed = await signer.sign(request);
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const response = await fetch(`${base.origin}${request.path}${search ? `?${search}` : ''}`, {
      headers: signed.headers,
    });
    const body = await response.text();
    if (!response.ok) throw apiError(response.status, path, body);
    return JSON.parse(body);
  };

  return {
    get: async (path, schema, query = {}) => schema.parse(await fetchJson(path, query)),
    async *pages(path, schema, query = {}) {
      let cursor: string | undefined;
      do {
        const body = await fetchJson(path, cursor ? { ...query, cursor } : query);
        yield schema.parse(body);
        cursor = page.parse(body).nextCursor ?? undefined;
      } while (cursor);
    },
  };
}

function apiError(status: number, path: string, body: string): Error {
  const parsed = problem.safeParse(safeJson(body));
  const reason = parsed.success ? (parsed.data.detail ?? parsed.data.title ?? body) : body;
  if (status === 404)
    return new UserError(reason, 'List the studies with `nvir status`; names are those of the folders below exports/.');
  if (status === 403)
    return new UserError(
      `the API refused the call to ${path}: ${reason}`,
      'Use credentials that may call execute-api:Invoke on this API.',
    );
  return new Error(`GET ${path} answered ${status}: ${reason}`);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
