import type { Clock } from '../contract.ts';
import type { KeptText } from '../kept-text.ts';

/** One EventBridge Scheduler schedule. When it last ran is kept, so that a restart neither forgets nor repeats a run. */
export class Schedule {
  private timer: NodeJS.Timeout | undefined;
  private running = 0;
  private stopped = false;

  constructor(
    private readonly name: string,
    private readonly intervalMs: number,
    private readonly run: () => Promise<void>,
    private readonly lastRun: KeptText,
    private readonly clock: Clock,
    private readonly log: (message: string) => void,
  ) {}

  start(): void {
    if (this.lastRun.read() === undefined) this.lastRun.write(String(this.clock.now()));
    this.plan();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  idle(): boolean {
    return this.running === 0;
  }

  private plan(): void {
    if (this.stopped) return;
    const due = Number(this.lastRun.read()) + this.clock.scaled(this.intervalMs);
    // setTimeout holds no more than 2^31 ms; a longer wait is planned again.
    const waitMs = Math.min(Math.max(0, due - this.clock.now()), 2 ** 31 - 1);
    this.timer = setTimeout(() => this.tick(due), waitMs);
  }

  private tick(due: number): void {
    if (this.clock.now() >= due) {
      this.lastRun.write(String(this.clock.now()));
      this.running++;
      this.run()
        .catch((error: unknown) => this.log(`schedule ${this.name}: ${error instanceof Error ? error.message : error}`))
        .finally(() => {
          this.running--;
        });
    }
    this.plan();
  }
}
