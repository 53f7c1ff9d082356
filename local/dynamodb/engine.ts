import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

/** DynamoDB's JSON: attribute values by type, `{S: "text"}`. */
export type Item = Record<string, unknown>;
export type Body = Record<string, unknown>;

export interface Answer {
  status: number;
  body: Body;
}

interface DynaliteServer {
  listeners(event: 'request'): ((request: unknown, response: unknown) => void)[];
  listen(port: number, host: string, done: () => void): void;
  close(done: () => void): void;
}

type Dynalite = (options: Record<string, unknown>) => DynaliteServer;

/**
 * dynalite, called in this process without a socket: it keeps the tables (LevelDB) and knows expressions, limits and
 * error texts. Streams, transactions and time to live are added around it.
 */
export class DynaliteEngine {
  private readonly server: DynaliteServer;

  constructor(directory: string) {
    const dynalite = createRequire(import.meta.url)('dynalite') as Dynalite;
    this.server = dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  }

  call(operation: string, input: Body): Promise<Answer> {
    const [handler] = this.server.listeners('request');
    const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        // dynalite wants a signature to be there; the gateway has verified the real one.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=a, Signature=a',
        'x-amz-date': '20260101T000000Z',
      },
    });
    return new Promise((resolve) => {
      const response = new CapturedResponse((status, text) => {
        resolve({ status, body: (text === '' ? {} : JSON.parse(text)) as Body });
      });
      handler?.(request, response);
    });
  }

  close(): Promise<void> {
    // dynalite closes its files only behind a server that listened: so it listens, for this moment.
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => this.server.close(() => resolve())));
  }
}

/** As much of a ServerResponse as dynalite uses. */
class CapturedResponse extends EventEmitter {
  statusCode = 200;
  private readonly headers = new Map<string, unknown>();
  private readonly parts: Buffer[] = [];

  constructor(private readonly done: (status: number, text: string) => void) {
    super();
  }

  setHeader(name: string, value: unknown): void {
    this.headers.set(name.toLowerCase(), value);
  }

  getHeader(name: string): unknown {
    return this.headers.get(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.headers.delete(name.toLowerCase());
  }

  writeHead(status: number): void {
    this.statusCode = status;
  }

  write(part: string | Buffer): void {
    this.parts.push(Buffer.from(part));
  }

  end(part?: string | Buffer): void {
    if (part !== undefined) this.write(part);
    this.done(this.statusCode, Buffer.concat(this.parts).toString('utf8'));
  }
}
