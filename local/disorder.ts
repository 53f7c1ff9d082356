/** For disorder tests: what AWS may do to events at any time, done often. */
export interface Disorder {
  /** How often each S3 notification is sent, at random moments. */
  copies: number;
  /** A number from 0 to 1, for example from a seeded generator. */
  random: () => number;
}

const LONGEST_DELAY_MS = 3_000;
/** Part of the stream batches that are delivered a second time. */
const STREAM_REPEATS = 0.3;

/** Repeats and delays deliveries; knows how many are still to come. Without a disorder it delivers once, at once. */
export class Deliveries {
  private waiting = 0;
  private stopped = false;

  constructor(
    private readonly disorder: Disorder | undefined,
    private readonly log: (message: string) => void,
  ) {}

  async send(deliver: () => Promise<void>): Promise<void> {
    if (!this.disorder) return deliver();
    for (let copy = 0; copy < this.disorder.copies; copy++) this.later(deliver);
  }

  /** Now and then, the same stream batch once more. */
  perhapsRepeat(deliver: () => Promise<void>): void {
    if (this.disorder && this.disorder.random() < STREAM_REPEATS) this.later(deliver);
  }

  idle(): boolean {
    return this.waiting === 0;
  }

  stop(): void {
    this.stopped = true;
  }

  private later(deliver: () => Promise<void>): void {
    this.waiting++;
    setTimeout(
      () => {
        const done = this.stopped ? Promise.resolve() : deliver();
        done
          .catch((error: unknown) => this.log(`repeated delivery: ${error instanceof Error ? error.message : error}`))
          .finally(() => {
            this.waiting--;
          });
      },
      (this.disorder?.random() ?? 0) * LONGEST_DELAY_MS,
    ).unref();
  }
}
