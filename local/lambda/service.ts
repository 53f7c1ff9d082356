import type { Registry } from '../account.ts';
import type { AwsService, SignedCall } from '../contract.ts';
import { answerError, answerJson, bodyOf, ServiceError } from '../http.ts';
import { targetOf } from '../request-target.ts';
import type { LambdaFunction } from './function.ts';

const BODY_LIMIT_BYTES = 6 * 1024 * 1024;

/** Lambda's Invoke, synchronous (`RequestResponse`) or not (`Event`), for people and scripts at the keyboard. */
export class LambdaService implements AwsService {
  readonly names = ['lambda'];

  constructor(private readonly functions: Registry<LambdaFunction>) {}

  async handle(call: SignedCall): Promise<void> {
    const { request, response, principal } = call;
    try {
      const path = targetOf(request).pathname;
      const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
      if (!name || request.method !== 'POST') {
        throw new ServiceError(
          'UnknownOperationException',
          `${request.method} ${path} is not known to the local cloud`,
          404,
        );
      }
      const wanted = decodeURIComponent(name);
      const target = this.functions
        .values()
        .find(({ definition }) => [definition.name, definition.arn].includes(wanted));
      if (!target) throw new ServiceError('ResourceNotFoundException', `Function not found: ${wanted}`, 404);
      principal.authorize({ action: 'lambda:InvokeFunction', resource: target.definition.arn });
      const body = bodyOf(call, BODY_LIMIT_BYTES);
      const event: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
      const run = target.invoke(event);
      if (request.headers['x-amz-invocation-type'] === 'Event') {
        response.writeHead(202, { 'content-length': '0' });
        response.end();
        return;
      }
      const result = await run;
      if (result.ok) answerJson(response, 200, JSON.parse(result.payload), { 'x-amz-executed-version': '$LATEST' });
      else {
        const failure = { errorType: result.errorType, errorMessage: result.message };
        answerJson(response, 200, failure, { 'x-amz-function-error': 'Unhandled' });
      }
    } catch (error) {
      answerError(response, error);
    }
  }

  async close(): Promise<void> {}
}
