/** A counting semaphore, first come first served, that also tells when a slot is free without taking it. */
export class Slots {
  private taken = 0;
  private readonly queue: (() => void)[] = [];
  private readonly watchers: (() => void)[] = [];

  constructor(readonly size: number) {}

  get busy(): number {
    return this.taken + this.queue.length;
  }

  tryAcquire(): boolean {
    if (this.taken >= this.size) return false;
    this.taken++;
    return true;
  }

  async acquire(): Promise<void> {
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  /** Resolves once a slot is free; somebody else may still be quicker to take it. */
  async whenFree(): Promise<void> {
    while (this.taken >= this.size) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  release(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.taken--;
    for (const watcher of this.watchers.splice(0)) watcher();
  }
}
