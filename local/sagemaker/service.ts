import type { AwsService, SignedCall } from '../contract.ts';
import { answerError, bodyOf, ServiceError } from '../http.ts';
import { targetOf } from '../request-target.ts';
import type { ModelBackend } from './backend.ts';

/** SageMaker's own limit for a real-time request: 6 MiB. */
const BODY_LIMIT_BYTES = 6 * 1024 * 1024;

/** SageMaker runtime: `POST /endpoints/{name}/invocations`. */
export class SageMakerRuntime implements AwsService {
  readonly names = ['sagemaker'];
  private readonly endpoints = new Map<string, ModelBackend>();

  constructor(private readonly identity: { region: string; accountId: string }) {}

  addEndpoint(name: string, backend: ModelBackend): void {
    this.endpoints.set(name, backend);
  }

  async handle(call: SignedCall): Promise<void> {
    const { request, response, principal } = call;
    try {
      const path = targetOf(request).pathname;
      const name = /^\/endpoints\/([^/]+)\/invocations$/.exec(path)?.[1];
      if (!name || request.method !== 'POST') {
        throw new ServiceError(
          'UnknownOperationException',
          `${request.method} ${path} is not known to the local cloud`,
          404,
        );
      }
      const endpoint = decodeURIComponent(name);
      const { region, accountId } = this.identity;
      const resource = `arn:aws:sagemaker:${region}:${accountId}:endpoint/${endpoint}`;
      principal.authorize({ action: 'sagemaker:InvokeEndpoint', resource });
      const backend = this.endpoints.get(endpoint);
      if (!backend)
        throw new ServiceError('ValidationError', `Endpoint ${endpoint} of account ${accountId} not found.`);
      const body = bodyOf(call, BODY_LIMIT_BYTES);
      const contentType = request.headers['content-type'] ?? 'application/octet-stream';
      const answer = await backend.invoke(contentType, body).catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        throw new ServiceError('ModelNotReadyException', detail, 429);
      });
      if (answer.status < 200 || answer.status > 299) {
        const message = `Received client error (${answer.status}) from primary with message "${answer.body}".`;
        throw new ServiceError('ModelError', message, 424, {
          OriginalStatusCode: answer.status,
          OriginalMessage: answer.body,
          LogStreamArn: `arn:aws:logs:${region}:${accountId}:log-group:/aws/sagemaker/Endpoints/${endpoint}`,
        });
      }
      response.writeHead(200, {
        'content-type': answer.contentType,
        'x-amzn-invoked-production-variant': 'AllTraffic',
        'content-length': String(Buffer.byteLength(answer.body)),
      });
      response.end(answer.body);
    } catch (error) {
      answerError(response, error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.endpoints.values()].map((backend) => backend.stop()));
  }
}
