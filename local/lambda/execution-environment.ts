import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { HEAP_GROWTH } from '../heap.ts';
import type { FunctionDefinition, FunctionFailureKind, InvocationResult } from './definition.ts';
import { MEMORY_ALLOWANCE_MIB, residentMiB } from './memory.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.cjs', import.meta.url));
/** Lambda gives a function 10 s to start. Two busy cores start slower than Lambda does, so this is three times that. */
const START_LIMIT_MS = 30_000;
const MEMORY_CHECK_MS = 250;
/** What Lambda answers synchronously at most. */
const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

const failureSchema = z.object({ errorType: z.string(), errorMessage: z.string() });
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('failed-to-start'), error: failureSchema }),
  z.object({ type: z.literal('result'), requestId: z.string(), payload: z.string() }),
  z.object({ type: z.literal('error'), requestId: z.string(), error: failureSchema }),
]);

class Failure extends Error {
  constructor(
    readonly kind: FunctionFailureKind,
    readonly errorType: string,
    message: string,
  ) {
    super(message);
  }
}

/** One child process that runs one function's bundle, one invocation at a time, until it fails or is stopped. */
export class ExecutionEnvironment {
  private readonly child: ChildProcess;
  private readonly started: Promise<void>;
  private settle: { resolve: (payload: string) => void; reject: (failure: Failure) => void } | undefined;
  private failure: Failure | undefined;
  private readonly watch: NodeJS.Timeout;

  constructor(
    private readonly definition: FunctionDefinition,
    variables: Record<string, string>,
    onLog: (chunk: Buffer) => void,
    private readonly onEnd: () => void,
  ) {
    this.child = spawn(
      process.execPath,
      // Several processes share few processors here: parallel garbage collection would only take them from each other.
      [
        '--single-threaded-gc',
        HEAP_GROWTH,
        `--max-old-space-size=${Math.floor(definition.memoryMiB * 0.9)}`,
        BOOTSTRAP,
      ],
      { cwd: definition.assetDir, env: variables, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    this.child.stdout?.on('data', onLog);
    this.child.stderr?.on('data', onLog);
    this.started = new Promise((resolve, reject) => {
      this.settle = { resolve: () => resolve(), reject };
    });
    this.started.catch(() => {});
    this.child.on('message', (message) => this.receive(message));
    this.child.on('error', (error) => this.end(new Failure('exit', 'Runtime.SpawnError', error.message)));
    this.child.on('exit', (code, signal) =>
      this.end(new Failure('exit', 'Runtime.ExitError', `process ended: ${signal ?? `exit status ${code}`}`)),
    );
    this.watch = setInterval(() => this.checkMemory(), MEMORY_CHECK_MS);
    this.watch.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.failure === undefined;
  }

  async invoke(requestId: string, event: string): Promise<InvocationResult> {
    try {
      await this.within(START_LIMIT_MS, this.started, 'Sandbox.Timedout', 'the function did not start');
      const timeoutMs = this.definition.timeoutSeconds * 1000;
      const answer = new Promise<string>((resolve, reject) => {
        this.settle = { resolve, reject };
      });
      if (this.failure) throw this.failure;
      const deadline = Date.now() + timeoutMs;
      this.child.send({ requestId, deadline, functionArn: this.definition.arn, event }, () => {});
      const late = `Task timed out after ${this.definition.timeoutSeconds.toFixed(2)} seconds`;
      const payload = await this.within(timeoutMs, answer, 'Sandbox.Timedout', late);
      if (Buffer.byteLength(payload) > PAYLOAD_LIMIT_BYTES) {
        throw new Failure('payload', 'Function.ResponseSizeTooLarge', `an answer of ${payload.length} bytes`);
      }
      return { ok: true, requestId, payload };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { ok: false, requestId, kind: error.kind, errorType: error.errorType, message: error.message };
    }
  }

  /** Ends the process at once, in the middle of whatever it does. */
  kill(failure = new Failure('stopped', 'Runtime.Stopped', 'the local cloud stopped')): void {
    this.child.kill('SIGKILL');
    this.end(failure);
  }

  private receive(raw: unknown): void {
    const message = messageSchema.parse(raw);
    const waiting = this.settle;
    this.settle = undefined;
    if (message.type === 'ready') waiting?.resolve('');
    else if (message.type === 'result') waiting?.resolve(message.payload);
    else {
      const kind = message.type === 'error' ? 'handler' : 'start';
      const failure = new Failure(kind, message.error.errorType, message.error.errorMessage);
      if (kind === 'start') {
        this.settle = waiting;
        this.end(failure);
      } else waiting?.reject(failure);
    }
  }

  private end(failure: Failure): void {
    if (this.failure) return;
    this.failure = failure;
    clearInterval(this.watch);
    this.settle?.reject(failure);
    this.settle = undefined;
    this.onEnd();
  }

  private async within<T>(limitMs: number, work: Promise<T>, errorType: string, message: string): Promise<T> {
    const timer = setTimeout(() => this.kill(new Failure('timeout', errorType, message)), limitMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  private checkMemory(): void {
    const pid = this.child.pid;
    const used = pid === undefined ? undefined : residentMiB(pid);
    if (used === undefined || used <= this.definition.memoryMiB + MEMORY_ALLOWANCE_MIB) return;
    const message = `${Math.round(used)} MiB in use, MemorySize is ${this.definition.memoryMiB} MiB`;
    this.kill(new Failure('memory', 'Runtime.OutOfMemory', message));
  }
}
