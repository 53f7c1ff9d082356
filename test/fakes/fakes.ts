import type { Announcer } from '../../lambdas/aws/announcer.ts';
import type { Log } from '../../lambdas/aws/log.ts';
import type { Answer, ModelEndpoint } from '../../lambdas/aws/model-endpoint.ts';
import type { ScoringQueue, WorkQueue } from '../../lambdas/aws/work-queue.ts';
import type { NvirEvent } from '../../lambdas/domain/messages.ts';

/** A queue that keeps what it was sent. */
export class FakeQueue<Message> implements Pick<WorkQueue<Message>, 'send'> {
  readonly sent: Message[] = [];

  async send(messages: readonly Message[]): Promise<void> {
    this.sent.push(...messages);
  }
}

export class FakeScoringQueue implements Pick<ScoringQueue, 'request'> {
  readonly requested: string[] = [];
  refuses: string | undefined;

  async request(study: string): Promise<void> {
    if (study === this.refuses) throw new Error('throttled');
    this.requested.push(study);
  }
}

export class FakeAnnouncer implements Pick<Announcer, 'announce'> {
  readonly events: NvirEvent[] = [];
  failure: Error | undefined;

  async announce(events: readonly NvirEvent[]): Promise<void> {
    if (this.failure) throw this.failure;
    this.events.push(...events);
  }
}

export const fakeModel = { name: 'nvir', version: '0.1.0', sha256: 'ab'.repeat(32), variant: 'int8' };

/** Answers each input's first gray value over 255, so that a test can tell images apart; over 100 as distance and over 2000 as what a domain shares, if calibrated. */
export class FakeEndpoint implements Pick<ModelEndpoint, 'read'> {
  readonly batches: number[] = [];
  failure: Error | undefined;
  calibrated = false;
  model = fakeModel;

  async read(inputs: readonly Uint8Array[]): Promise<Answer> {
    if (this.failure) throw this.failure;
    this.batches.push(inputs.length);
    const grays = inputs.map((input) => input[0] ?? 0);
    return {
      viabilities: grays.map((gray) => gray / 255),
      ...(this.calibrated && {
        halfWidths90: grays.map((gray) => gray / 1000),
        domainDistances: grays.map((gray) => gray / 100),
        sharedHalfWidths90: grays.map((gray) => gray / 2000),
      }),
      model: this.model,
    };
  }
}

/** A log that keeps its lines. */
export class FakeLog implements Log {
  readonly lines: { level: string; message: string; facts: Record<string, unknown> }[] = [];
  info = this.at('info');
  warn = this.at('warn');
  error = this.at('error');

  private at(level: string) {
    return (message: string, facts: Record<string, unknown> = {}): void => {
      this.lines.push({ level, message, facts });
    };
  }
}

export const fixedNow = () => new Date('2026-03-09T12:00:00.000Z');
