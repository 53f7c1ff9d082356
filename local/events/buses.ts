import { randomUUID } from 'node:crypto';
import type { Pattern } from './pattern.ts';

/** An event as rules and their targets see it. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

export interface RuleTarget {
  id: string;
  /** @throws when the target does not take the event. */
  deliver(event: BusEvent): Promise<void>;
  /** Keeps what could not be delivered; undefined = it is lost, as in AWS. */
  deadLetter: ((event: BusEvent, why: string) => Promise<void>) | undefined;
}

export interface Rule {
  name: string;
  arn: string;
  matches: Pattern;
  targets: RuleTarget[];
}

/** The account's event buses and the rules on them. */
export class EventBuses {
  private readonly buses = new Map<string, Rule[]>([['default', []]]);

  constructor(
    private readonly identity: { region: string; accountId: string },
    private readonly log: (message: string) => void,
  ) {}

  create(name: string): void {
    if (!this.buses.has(name)) this.buses.set(name, []);
  }

  arn(name: string): string {
    return `arn:aws:events:${this.identity.region}:${this.identity.accountId}:event-bus/${name}`;
  }

  has(name: string): boolean {
    return this.buses.has(name);
  }

  addRule(bus: string, rule: Rule): void {
    const rules = this.buses.get(bus);
    if (!rules) throw new Error(`event bus ${bus} does not exist`);
    rules.push(rule);
  }

  /** Delivers to every matching rule before it answers, so that no accepted event is lost by a crash. */
  async put(bus: string, entry: Pick<BusEvent, 'detail-type' | 'source' | 'detail' | 'resources'>): Promise<string> {
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      ...entry,
      account: this.identity.accountId,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: this.identity.region,
    };
    for (const rule of this.buses.get(bus) ?? []) {
      if (!rule.matches(event)) continue;
      for (const target of rule.targets) await this.deliver(rule, target, event);
    }
    return event.id;
  }

  /** A target that refuses is the rule's failed invocation, never the sender's error. */
  private async deliver(rule: Rule, target: RuleTarget, event: BusEvent): Promise<void> {
    try {
      await target.deliver(event);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.log(`rule ${rule.name}: target ${target.id} failed: ${why}`);
      await target.deadLetter?.(event, why);
    }
  }
}
