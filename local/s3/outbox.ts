import type { ObjectEvent } from '../contract.ts';

const RETRY_MS = 500;

/** Object events on their way to the listener. Each is repeated until the listener took it, and only then forgotten. */
export class Outbox {
  private readonly waiting: ObjectEvent[] = [];
  private listener: ((event: ObjectEvent) => Promise<void>) | undefined;
  private running = false;
  private closed = false;

  constructor(
    /** Notes that an event need not be told again. */
    private readonly taken: (sequence: number) => void,
    private readonly log: (message: string) => void,
  ) {}

  get pending(): number {
    return this.listener ? this.waiting.length : 0;
  }

  get listening(): boolean {
    return this.listener !== undefined;
  }

  add(event: ObjectEvent): void {
    this.waiting.push(event);
    void this.run();
  }

  listen(listener: (event: ObjectEvent) => Promise<void>): void {
    this.listener = listener;
    void this.run();
  }

  close(): void {
    this.closed = true;
  }

  private async run(): Promise<void> {
    if (this.running || !this.listener) return;
    this.running = true;
    for (let event = this.waiting[0]; event && !this.closed; event = this.waiting[0]) {
      try {
        await this.listener(event);
        this.taken(Number.parseInt(event.sequencer, 16));
        this.waiting.shift();
      } catch (error) {
        this.log(`event ${event.name} of ${event.key}: ${error instanceof Error ? error.message : error}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.running = false;
  }
}
