import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessRequest, Principal, QueueSettings, ServiceContext } from '../contract.ts';
import { ServiceError } from '../http.ts';
import { KeptText } from '../kept-text.ts';
import { Queue } from './queue.ts';

export type Guard = (principal: Principal, request: AccessRequest) => void;

/** The account's queues, by name; each has a journal and its settings on disk. */
export class Queues {
  private readonly queues = new Map<string, Queue>();
  private readonly guards = new Map<string, Guard>();

  constructor(private readonly context: ServiceContext) {
    for (const file of existsSync(context.dataDir) ? readdirSync(context.dataDir) : []) {
      if (!file.endsWith('.json')) continue;
      const kept = new KeptText(join(context.dataDir, file)).read();
      if (kept) this.open(file.slice(0, -'.json'.length), JSON.parse(kept) as QueueSettings);
    }
  }

  ensure(name: string, settings: QueueSettings): Queue {
    new KeptText(this.path(name, 'json')).write(JSON.stringify(settings));
    const known = this.queues.get(name);
    if (!known) return this.open(name, settings);
    known.settings = settings;
    return known;
  }

  get(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) {
      throw new ServiceError('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
    }
    return queue;
  }

  /** Clients name queues by URL; only its last part says which. */
  byUrl(url: string): Queue {
    return this.get(url.split('/').at(-1) ?? '');
  }

  all(): Queue[] {
    return [...this.queues.values()];
  }

  delete(name: string): void {
    this.get(name).close();
    this.queues.delete(name);
    for (const kind of ['json', 'journal']) rmSync(this.path(name, kind), { force: true });
  }

  url(name: string): string {
    return `${this.context.baseUrl()}/${this.context.accountId}/${name}`;
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.context.region}:${this.context.accountId}:${name}`;
  }

  setGuard(name: string, guard: Guard): void {
    this.guards.set(name, guard);
  }

  /** Asks the caller's policies and the queue's. @throws {AccessDenied} */
  authorize(principal: Principal, action: string, name: string): void {
    const request = { action: `sqs:${action}`, resource: this.arn(name) };
    principal.authorize(request);
    this.guards.get(name)?.(principal, request);
  }

  private open(name: string, settings: QueueSettings): Queue {
    const queue = new Queue(
      name,
      this.arn(name),
      settings,
      this.context.clock,
      this.path(name, 'journal'),
      (message) => {
        const deadLetters = this.queues.get(queue.settings.redrive?.deadLetterQueueName ?? '');
        deadLetters?.adopt(message, queue.arn);
        return deadLetters !== undefined;
      },
    );
    this.queues.set(name, queue);
    return queue;
  }

  private path(name: string, kind: string): string {
    return join(this.context.dataDir, `${name}.${kind}`);
  }
}
