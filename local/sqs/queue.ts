import { randomUUID } from 'node:crypto';
import type { Clock, QueueSettings } from '../contract.ts';
import { ServiceError } from '../http.ts';
import { Journal } from '../journal.ts';
import type { MessageAttribute, StoredMessage } from './message.ts';
import { Waiting } from './waiting.ts';

/** How long a FIFO queue remembers a deduplication id. */
const DEDUPLICATION_MS = 300_000;
/** Journal lines of deleted messages that are worth a rewrite. */
const REWRITE_AFTER = 20_000;

type Line = { sent: StoredMessage } | { received: string; count: number; first: number } | { deleted: string };

export interface Sending {
  body: string;
  attributes?: Record<string, MessageAttribute> | undefined;
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
  deduplicationId?: string | undefined;
}

export interface Delivery {
  receiptHandle: string;
  message: StoredMessage;
}

/** One queue. Messages and receive counts are in its journal; what was in flight is visible again after a restart. */
export class Queue {
  private readonly waiting: Waiting;
  private readonly inFlight = new Map<string, { message: StoredMessage; timer: NodeJS.Timeout }>();
  private readonly remembered = new Map<string, { id: string; at: number }>();
  private readonly wakeUps = new Set<() => void>();
  private readonly journal: Journal<Line>;
  private superseded = 0;
  private closed = false;
  private nextOrder = 1;

  constructor(
    readonly name: string,
    readonly arn: string,
    public settings: QueueSettings,
    private readonly clock: Clock,
    file: string,
    /** Takes a message that was received too often. False when there is no such queue. */
    private readonly giveUp: (message: StoredMessage) => boolean,
  ) {
    this.waiting = new Waiting(settings.fifo);
    this.journal = new Journal(file);
    this.restore();
  }

  send(sending: Sending): StoredMessage {
    const now = this.clock.now();
    const { groupId, deduplicationId } = sending;
    if (this.settings.fifo) {
      const known = deduplicationId === undefined ? undefined : this.remembered.get(`${groupId}\n${deduplicationId}`);
      if (known && now - known.at < this.clock.scaled(DEDUPLICATION_MS))
        return { ...this.blank(sending), id: known.id };
    }
    const delayMs = this.clock.scaled(1000 * (sending.delaySeconds ?? this.settings.delaySeconds));
    return this.put({ ...this.blank(sending), visibleAt: delayMs > 0 ? now + delayMs : 0 });
  }

  /** Takes a message over from the queue that gave it up. */
  adopt(message: StoredMessage, sourceArn: string): void {
    this.put({
      ...message,
      order: this.nextOrder++,
      receiveCount: 0,
      firstReceivedAt: undefined,
      visibleAt: 0,
      deadLetterSourceArn: sourceArn,
    });
  }

  async receive(max: number, waitMs: number, visibilitySeconds?: number, signal?: AbortSignal): Promise<Delivery[]> {
    const until = Date.now() + waitMs;
    for (;;) {
      if (this.closed) return [];
      const taken = this.take(max, visibilitySeconds ?? this.settings.visibilityTimeoutSeconds);
      const left = until - Date.now();
      if (taken.length > 0 || left <= 0 || signal?.aborted) return taken;
      await this.change(left, signal);
    }
  }

  remove(receiptHandle: string): void {
    const found = this.inFlight.get(receiptHandle);
    if (!found) return;
    clearTimeout(found.timer);
    this.inFlight.delete(receiptHandle);
    this.forget(found.message);
    if (this.superseded > REWRITE_AFTER) this.rewrite();
    this.waiting.unlock(found.message);
    if (this.settings.fifo) this.wake();
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const found = this.inFlight.get(receiptHandle);
    if (!found) throw new ServiceError('MessageNotInflight', 'The message is not in flight.');
    clearTimeout(found.timer);
    if (seconds === 0) this.release(receiptHandle);
    else found.timer = this.releaseLater(receiptHandle, seconds);
  }

  purge(): void {
    this.waiting.clear();
    for (const { timer } of this.inFlight.values()) clearTimeout(timer);
    this.inFlight.clear();
    this.journal.rewrite([]);
  }

  depth(): { visible: number; inFlight: number; delayed: number } {
    const delayed = this.waiting.delayed(this.clock.now());
    return { visible: this.waiting.size - delayed, inFlight: this.inFlight.size, delayed };
  }

  close(): void {
    this.closed = true;
    for (const { timer } of this.inFlight.values()) clearTimeout(timer);
    this.wake();
    this.journal.close();
  }

  private take(max: number, visibilitySeconds: number): Delivery[] {
    const now = this.clock.now();
    const oldest = now - this.clock.scaled(1000 * this.settings.retentionSeconds);
    const taken = this.waiting.take(max, now, (message) => {
      const expired = message.sentAt < oldest;
      const limit = this.settings.redrive?.maxReceiveCount;
      if (expired || (limit !== undefined && message.receiveCount >= limit && this.giveUp(message))) {
        this.forget(message);
        return false;
      }
      message.receiveCount++;
      message.firstReceivedAt ??= now;
      return true;
    });
    if (taken.length > 0) {
      this.journal.append(
        ...taken.map(({ id, receiveCount, firstReceivedAt }) => ({
          received: id,
          count: receiveCount,
          first: firstReceivedAt ?? now,
        })),
      );
    }
    return taken.map((message) => {
      const receiptHandle = randomUUID();
      this.inFlight.set(receiptHandle, { message, timer: this.releaseLater(receiptHandle, visibilitySeconds) });
      return { receiptHandle, message };
    });
  }

  private put(message: StoredMessage): StoredMessage {
    this.journal.append({ sent: message });
    this.remember(message);
    this.waiting.add(message);
    const delayMs = message.visibleAt - this.clock.now();
    if (delayMs > 0) setTimeout(() => this.wake(), delayMs + 1).unref();
    this.wake();
    return message;
  }

  private blank(sending: Sending): StoredMessage {
    return {
      id: randomUUID(),
      order: this.nextOrder++,
      body: sending.body,
      attributes: sending.attributes,
      sentAt: this.clock.now(),
      visibleAt: 0,
      receiveCount: 0,
      firstReceivedAt: undefined,
      groupId: sending.groupId,
      deduplicationId: sending.deduplicationId,
      deadLetterSourceArn: undefined,
    };
  }

  private releaseLater(receiptHandle: string, seconds: number): NodeJS.Timeout {
    return setTimeout(() => this.release(receiptHandle), this.clock.scaled(1000 * seconds)).unref();
  }

  private release(receiptHandle: string): void {
    const found = this.inFlight.get(receiptHandle);
    if (!found) return;
    this.inFlight.delete(receiptHandle);
    found.message.visibleAt = 0;
    this.waiting.unlock(found.message);
    this.waiting.add(found.message);
    this.wake();
  }

  private forget(message: StoredMessage): void {
    this.journal.append({ deleted: message.id });
    this.superseded++;
  }

  private remember({ groupId, deduplicationId, id, sentAt }: StoredMessage): void {
    if (deduplicationId === undefined) return;
    this.remembered.set(`${groupId}\n${deduplicationId}`, { id, at: sentAt });
    const expired = this.clock.now() - this.clock.scaled(DEDUPLICATION_MS);
    for (const [key, { at }] of this.remembered) {
      if (at >= expired) break;
      this.remembered.delete(key);
    }
  }

  private restore(): void {
    const messages = new Map<string, StoredMessage>();
    for (const line of this.journal.read()) {
      if ('sent' in line) {
        messages.set(line.sent.id, line.sent);
        this.remember(line.sent);
        this.nextOrder = Math.max(this.nextOrder, line.sent.order + 1);
      } else if ('deleted' in line) messages.delete(line.deleted);
      else {
        const message = messages.get(line.received);
        if (message) Object.assign(message, { receiveCount: line.count, firstReceivedAt: line.first });
      }
    }
    for (const message of messages.values()) this.waiting.add(message);
    this.rewrite();
  }

  private rewrite(): void {
    this.superseded = 0;
    const kept = [...this.waiting.all(), ...[...this.inFlight.values()].map(({ message }) => message)];
    this.journal.rewrite(kept.sort((a, b) => a.order - b.order).map((sent) => ({ sent })));
  }

  private change(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wakeUps.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.wakeUps.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  private wake(): void {
    for (const wakeUp of [...this.wakeUps]) wakeUp();
  }
}
