/** What a model container answered to `POST /invocations`. */
export interface ModelResponse {
  status: number;
  contentType: string;
  body: string;
}

/** Something that serves a model in the container's wire format. */
export interface ModelBackend {
  start(): Promise<void>;
  invoke(contentType: string, body: Buffer): Promise<ModelResponse>;
  stop(): Promise<void>;
}

/** SageMaker gives a container this long to answer. */
const CONTAINER_LIMIT_MS = 60_000;

/** Any running container, by its address. */
export class ContainerBackend implements ModelBackend {
  constructor(private readonly url: string) {}

  async start(): Promise<void> {
    const response = await fetch(new URL('/ping', this.url), { signal: AbortSignal.timeout(CONTAINER_LIMIT_MS) });
    if (!response.ok) throw new Error(`the model container at ${this.url} answers ${response.status} to /ping`);
  }

  async invoke(contentType: string, body: Buffer): Promise<ModelResponse> {
    const response = await fetch(new URL('/invocations', this.url), {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(CONTAINER_LIMIT_MS),
    });
    const type = response.headers.get('content-type') ?? 'application/json';
    return { status: response.status, contentType: type, body: await response.text() };
  }

  async stop(): Promise<void> {}
}
