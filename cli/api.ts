/** A client of the project's own HTTP API: signed, or with the token of an issuer. */
import { Sha256 } from '@aws-crypto/sha256-js';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { UserError } from './console.ts';

/** The API's own problems, and the words of API Gateway before it. */
const problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  message: z.string().optional(),
});
const page = z.looseObject({ nextCursor: z.string().nullish() });

export interface Api {
  /** GET of a path such as `/v1/studies`, parsed by the schema. */
  get<T>(path: string, schema: z.ZodType<T>, query?: Record<string, string>): Promise<T>;
  /** All pages of a list, by their cursors. */
  pages<T>(path: string, schema: z.ZodType<T>, query?: Record<string, string>): AsyncGenerator<T>;
}

/** Path of percent-encoded segments: study and plate names may hold spaces. */
export const apiPath = (...segments: string[]): string => `/v1/${segments.map(encodeURIComponent).join('/')}`;

/** What the API refused, with what the person at the keyboard can do about it. */
export class ApiRefusal extends UserError {
  constructor(
    readonly status: number,
    message: string,
    remedy: string,
  ) {
    super(message, remedy);
  }
}

/** @param env `NVIR_TOKEN` there goes with every call, for a stack that was deployed with `jwtIssuer`. */
export function createApi(connection: Pick<Connection, 'apiUrl' | 'aws'>, env: NodeJS.ProcessEnv = process.env): Api {
  const { region, credentials = defaultProvider() } = connection.aws;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const token = env['NVIR_TOKEN'];

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
    const headers = token
      ? { accept: 'application/json', authorization: `Bearer ${token}` }
      : (await signer.sign(request)).headers;
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const response = await fetch(`${base.origin}${request.path}${search ? `?${search}` : ''}`, { headers });
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

/** What to do about an answer, by its status; others are nobody's mistake at the keyboard. */
const REMEDIES: Readonly<Record<number, string>> = {
  400: 'Mend the option that the message names; `nvir COMMAND --help` describes them.',
  401: 'The API takes tokens of its issuer (it was deployed with jwtIssuer): export NVIR_TOKEN, then a token that is still valid.',
  403: 'Use credentials that may call execute-api:Invoke on this API. NVIR_TOKEN is for a stack that was deployed with jwtIssuer; unset it for others.',
  404: '`nvir status` lists the studies, `nvir dili STUDY` the compounds of one; studies and plates are the folders below exports/.',
};

function apiError(status: number, path: string, body: string): Error {
  const parsed = problem.safeParse(safeJson(body));
  const reason =
    (parsed.success ? (parsed.data.detail ?? parsed.data.title ?? parsed.data.message) : undefined) ?? body;
  const remedy = REMEDIES[status];
  if (remedy === undefined) return new Error(`GET ${path} answered ${status}: ${reason}`);
  const refused = status === 401 || status === 403;
  return new ApiRefusal(
    status,
    refused ? `the API refused the call to ${path} (${status}): ${reason}` : reason,
    remedy,
  );
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
