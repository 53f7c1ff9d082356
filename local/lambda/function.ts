import { randomUUID } from 'node:crypto';
import type { AccessRequest } from '../contract.ts';
import type { Statement } from '../iam/document.ts';
import { assertServiceAllowed } from '../iam/principals.ts';
import type { FunctionDefinition, InvocationResult } from './definition.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { FunctionLog } from './logs.ts';
import { Slots } from './slots.ts';

/** A warm process that nobody needs for so long is ended, to give its memory back. */
const IDLE_LIMIT_MS = 60_000;

export interface FunctionHost {
  /** Execution environments that this machine runs at once for one function. */
  maximumEnvironments: number;
  /** The variables that Lambda adds to the template's own. */
  variables(definition: FunctionDefinition): Record<string, string>;
  log: FunctionLog;
}

/** What happens to events that nobody waits for when the function fails. */
export interface AsyncSettings {
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  onFailure?: (event: unknown, why: string) => Promise<void>;
}

/** A deployed function: its resource policy and its warm and running execution environments. */
export class LambdaFunction {
  /** Statements of its AWS::Lambda::Permission resources. */
  readonly policy: Statement[] = [];
  readonly slots: Slots;
  readonly asynchronous: AsyncSettings = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };
  private readonly idle: { environment: ExecutionEnvironment; since: number }[] = [];
  private readonly all = new Set<ExecutionEnvironment>();
  private readonly reaper: NodeJS.Timeout;
  private stopped = false;

  constructor(
    readonly definition: FunctionDefinition,
    private readonly host: FunctionHost,
  ) {
    this.slots = new Slots(
      Math.min(definition.reservedConcurrency ?? Number.POSITIVE_INFINITY, host.maximumEnvironments),
    );
    this.reaper = setInterval(() => this.reap(), 10_000);
    this.reaper.unref();
  }

  /** @throws {AccessDenied} unless the function's resource policy lets this AWS service invoke it. */
  assertInvocableBy(service: string, context: Record<string, string>): void {
    const request: AccessRequest = { action: 'lambda:InvokeFunction', resource: this.definition.arn, context };
    assertServiceAllowed(this.policy, service, request);
  }

  /** Runs the function on an event, waiting for a free environment. Its failures are answers, not exceptions. */
  async invoke(event: unknown): Promise<InvocationResult> {
    const requestId = randomUUID();
    if (this.slots.size === 0) {
      const message = 'ReservedConcurrentExecutions is 0';
      return { ok: false, requestId, kind: 'throttled', errorType: 'TooManyRequestsException', message };
    }
    await this.slots.acquire();
    try {
      if (this.stopped) {
        return {
          ok: false,
          requestId,
          kind: 'stopped',
          errorType: 'Runtime.Stopped',
          message: 'the local cloud stopped',
        };
      }
      return await this.run(requestId, JSON.stringify(event));
    } finally {
      this.slots.release();
    }
  }

  processIds(): number[] {
    return [...this.all].flatMap((environment) => environment.pid ?? []);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.reaper);
    for (const environment of this.all) environment.kill();
  }

  private async run(requestId: string, event: string): Promise<InvocationResult> {
    const { log } = this.host;
    const started = performance.now();
    const environment = this.takeWarm() ?? this.startEnvironment();
    log.write(`START RequestId: ${requestId} Process: ${environment.pid ?? 'none'}\n`);
    const result = await environment.invoke(requestId, event);
    const tookMs = (performance.now() - started).toFixed(1);
    const ending = result.ok ? 'Status: success' : `Status: ${result.kind} ${result.errorType}: ${result.message}`;
    log.write(`REPORT RequestId: ${requestId} Duration: ${tookMs} ms ${ending}\n`);
    if (environment.alive) this.idle.push({ environment, since: Date.now() });
    return result;
  }

  private takeWarm(): ExecutionEnvironment | undefined {
    for (let warm = this.idle.pop(); warm; warm = this.idle.pop()) {
      if (warm.environment.alive) return warm.environment;
    }
    return undefined;
  }

  private startEnvironment(): ExecutionEnvironment {
    const variables = { ...this.host.variables(this.definition), ...this.definition.environment };
    const environment: ExecutionEnvironment = new ExecutionEnvironment(
      this.definition,
      variables,
      (chunk) => this.host.log.write(chunk),
      () => this.all.delete(environment),
    );
    this.all.add(environment);
    return environment;
  }

  private reap(): void {
    const limit = Date.now() - IDLE_LIMIT_MS;
    while (this.idle[0] && this.idle[0].since < limit) this.idle.shift()?.environment.kill();
  }
}
