import type { StoredMessage } from './message.ts';

/**
 * The messages of a queue that may be received next. A FIFO queue gives a group's messages in their order, and none of
 * a group while others of it are being worked on.
 */
export class Waiting {
  private readonly groups = new Map<string, Map<number, StoredMessage>>();
  private readonly locked = new Map<string, number>();
  private count = 0;

  constructor(private readonly fifo: boolean) {}

  get size(): number {
    return this.count;
  }

  add(message: StoredMessage): void {
    const name = this.groupOf(message);
    const group = this.groups.get(name) ?? new Map<number, StoredMessage>();
    group.set(message.order, message);
    this.count++;
    this.groups.set(name, group);
    if (this.fifo && message.receiveCount > 0 && group.size > 1) {
      // One that comes back goes before those that were sent after it.
      this.groups.set(name, new Map([...group].sort(([a], [b]) => a - b)));
    }
  }

  /** Takes the next messages that may be received now; calls `use` on each, which may refuse to count it. */
  take(max: number, now: number, use: (message: StoredMessage) => boolean): StoredMessage[] {
    const taken: StoredMessage[] = [];
    for (const [name, group] of this.groups) {
      if (this.fifo && this.locked.has(name)) continue;
      for (const [order, message] of group) {
        if (taken.length >= max) break;
        if (message.visibleAt > now) {
          if (this.fifo) break;
          continue;
        }
        group.delete(order);
        this.count--;
        if (use(message)) taken.push(message);
      }
      if (group.size === 0) this.groups.delete(name);
      if (taken.length >= max) break;
    }
    if (this.fifo) for (const message of taken) this.lock(this.groupOf(message));
    return taken;
  }

  /** A received message was deleted or comes back: its group may go on when it was the last one out. */
  unlock(message: StoredMessage): void {
    if (!this.fifo) return;
    const name = this.groupOf(message);
    const left = (this.locked.get(name) ?? 1) - 1;
    if (left > 0) this.locked.set(name, left);
    else this.locked.delete(name);
  }

  /** How many are held back by their delay. */
  delayed(now: number): number {
    let held = 0;
    for (const message of this.all()) if (message.visibleAt > now) held++;
    return held;
  }

  *all(): Generator<StoredMessage> {
    for (const group of this.groups.values()) yield* group.values();
  }

  clear(): void {
    this.groups.clear();
    this.count = 0;
  }

  private lock(name: string): void {
    this.locked.set(name, (this.locked.get(name) ?? 0) + 1);
  }

  private groupOf(message: StoredMessage): string {
    return this.fifo ? (message.groupId ?? '') : '';
  }
}
