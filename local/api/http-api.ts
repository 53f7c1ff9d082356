import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, ServiceError } from '../http.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import { type RequestTarget, targetOf } from '../request-target.ts';
import { writeAnswer, writeMessage } from './answer.ts';
import { type Authorizer, Unauthorized } from './authorizers.ts';
import { apiEvent } from './event.ts';
import { compareRoutes, matchRoute, type RoutePattern } from './routes.ts';

const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export interface Route {
  pattern: RoutePattern;
  target: LambdaFunction;
  authorizer: Authorizer;
  timeoutMs: number;
}

/** One HTTP API (API Gateway v2) on a port of its own. */
export class HttpApi {
  private readonly server: Server;
  private readonly routes: Route[] = [];
  private stage: { name: string; variables: Record<string, string> | undefined } | undefined;
  private inFlight = 0;
  /** Whether the template has an API that stands behind this port. */
  claimed = false;

  constructor(
    readonly apiId: string,
    private readonly identity: { region: string; accountId: string },
    private readonly log: (message: string) => void,
  ) {
    this.server = createServer((request, response) => {
      this.inFlight++;
      response.on('close', () => {
        this.inFlight--;
      });
      this.handle(request, response).catch((error: unknown) => {
        if (error instanceof ServiceError) return writeMessage(response, error.status, 'Bad Request');
        this.log(`api: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
        writeMessage(response, 500, 'Internal Server Error');
      });
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  addRoute(route: Route): void {
    this.routes.push(route);
    this.routes.sort((a, b) => compareRoutes(a.pattern, b.pattern));
  }

  setStage(name: string, variables: Record<string, string> | undefined): void {
    this.stage = { name, variables };
  }

  idle(): boolean {
    return this.inFlight === 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { stage } = this;
    if (!stage) return writeMessage(response, 404, 'Not Found');
    const url = targetOf(request);
    const path = stage.name === '$default' ? url.pathname : withoutStage(url.pathname, stage.name);
    const method = request.method ?? 'GET';
    for (const route of path === undefined ? [] : this.routes) {
      const pathParameters = matchRoute(route.pattern, method, path ?? '/');
      if (pathParameters) return this.run(request, response, url, route, { stage, pathParameters, path: path ?? '/' });
    }
    writeMessage(response, 404, 'Not Found');
  }

  private async run(
    request: IncomingMessage,
    response: ServerResponse,
    url: RequestTarget,
    route: Route,
    found: {
      stage: { name: string; variables: Record<string, string> | undefined };
      pathParameters: Record<string, string>;
      path: string;
    },
  ): Promise<void> {
    const { region, accountId } = this.identity;
    const stageArn = `arn:aws:execute-api:${region}:${accountId}:${this.apiId}/${found.stage.name}`;
    let body: Buffer;
    let authorizer: Record<string, unknown> | undefined;
    try {
      body = await readBody(request, BODY_LIMIT_BYTES);
      authorizer = await route.authorizer(request, body, `${stageArn}/${request.method}${found.path}`);
    } catch (error) {
      if (error instanceof Unauthorized) return writeMessage(response, error.status, error.message);
      if (error instanceof ServiceError) return writeMessage(response, error.status, 'Request Entity Too Large');
      throw error;
    }
    try {
      const routePath = route.pattern.key.split(' ')[1] ?? '/$default';
      route.target.assertInvocableBy('apigateway.amazonaws.com', {
        'aws:SourceArn': `${stageArn}/${request.method}${routePath}`,
        'aws:SourceAccount': accountId,
      });
    } catch (error) {
      this.log(`api: ${route.pattern.key}: ${error instanceof Error ? error.message : error}`);
      return writeMessage(response, 500, 'Internal Server Error');
    }
    const event = apiEvent(request, url, {
      ...this.identity,
      apiId: this.apiId,
      stage: found.stage.name,
      routeKey: route.pattern.key,
      pathParameters: found.pathParameters,
      stageVariables: found.stage.variables,
      authorizer,
      body,
    });
    const late = setTimeout(() => writeMessage(response, 503, 'Service Unavailable'), route.timeoutMs);
    const result = await route.target.invoke(event).finally(() => clearTimeout(late));
    if (response.headersSent) return;
    if (result.ok) writeAnswer(response, result.payload);
    else writeMessage(response, result.kind === 'throttled' ? 503 : 500, 'Internal Server Error');
  }
}

function withoutStage(path: string, stage: string): string | undefined {
  if (path === `/${stage}`) return '/';
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined;
}
