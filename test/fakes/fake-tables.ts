import { type ReadingsTable, RevisionConflict } from '../../lambdas/aws/readings-table.ts';
import type { ScoreHead, ScoreItem, ScoresTable } from '../../lambdas/aws/scores-table.ts';
import type { UnreadableReading } from '../../lambdas/aws/unreadable-reading.ts';
import { type ImagePlace, imageKey } from '../../lambdas/domain/keys.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';

/** The readings table in memory. */
export class FakeReadings implements Pick<ReadingsTable, 'current' | 'keep' | 'ofPlate' | 'history'> {
  readonly items = new Map<string, Reading>();
  readonly former: Reading[] = [];
  /** Items that do not parse. */
  readonly unreadable = new Map<string, UnreadableReading>();
  /** Runs before each write, to let somebody else write first. */
  beforeKeep: (next: Reading) => void = () => {};

  /** Sets a current reading, whatever was there. */
  set(reading: Reading): void {
    this.items.set(reading.key, reading);
  }

  async current(places: readonly ImagePlace[]): Promise<Map<string, Reading | UnreadableReading>> {
    const keys = places.map(({ study, plate, path }) => imageKey(study, plate, path));
    return new Map(
      keys.flatMap((key): [string, Reading | UnreadableReading][] => {
        const reading = this.unreadable.get(key) ?? this.items.get(key);
        return reading ? [[key, reading]] : [];
      }),
    );
  }

  async keep(next: Reading, former: Reading | undefined): Promise<void> {
    this.beforeKeep(next);
    if (former) this.former.push(former);
    if (this.items.get(next.key)?.revision !== former?.revision) throw new RevisionConflict(next.key);
    this.items.set(next.key, next);
  }

  async ofPlate(study: string, plate: string): Promise<Reading[]> {
    const unreadable = [...this.unreadable].find(([key]) => key.startsWith(imageKey(study, plate, '')));
    if (unreadable) throw unreadable[1];
    return [...this.items.values()].filter((one) => one.study === study && one.plate === plate);
  }

  async history(study: string, plate: string, path: string): Promise<Reading[]> {
    return this.former.filter((one) => one.study === study && one.plate === plate && one.path === path);
  }
}

type ScoresSurface = Pick<
  ScoresTable,
  'get' | 'list' | 'heads' | 'studies' | 'plates' | 'register' | 'unregister' | 'put' | 'remove' | 'mark'
>;

/** The scores table in memory. */
export class FakeScores implements ScoresSurface {
  private readonly registered = new Set<string>();
  readonly items = new Map<string, ScoreItem>();
  /** Sort keys in the order in which they were written. */
  readonly written: string[] = [];
  /** Runs before each write, to let it fail or take its time. */
  beforePut: (item: ScoreItem) => Promise<void> | void = () => {};

  async get(study: string, sortKey: string): Promise<ScoreItem | undefined> {
    return this.items.get(`${study} ${sortKey}`);
  }

  async list(study: string, prefix: string): Promise<ScoreItem[]> {
    return this.of(study).filter(({ sortKey }) => sortKey.startsWith(prefix));
  }

  async heads(study: string): Promise<ScoreHead[]> {
    return this.of(study);
  }

  async studies(): Promise<string[]> {
    return [...this.registered].sort();
  }

  async plates(study: string): Promise<string[]> {
    return (await this.list(study, 'plate#')).map(({ sortKey }) => sortKey.slice('plate#'.length));
  }

  async register(study: string): Promise<void> {
    this.registered.add(study);
  }

  async unregister(study: string): Promise<void> {
    this.registered.delete(study);
  }

  async put(study: string, item: ScoreItem): Promise<void> {
    await this.beforePut(item);
    this.written.push(item.sortKey);
    this.items.set(`${study} ${item.sortKey}`, item);
  }

  async remove(study: string, sortKey: string): Promise<void> {
    this.items.delete(`${study} ${sortKey}`);
  }

  async mark(study: string, sortKey: string): Promise<void> {
    if (!this.items.has(`${study} ${sortKey}`)) await this.put(study, { sortKey, revision: 1, sha256: '' });
  }

  private of(study: string): ScoreItem[] {
    return [...this.items]
      .filter(([key]) => key.startsWith(`${study} `))
      .map(([, item]) => item)
      .sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
  }
}
