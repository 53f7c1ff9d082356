import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectEvent } from '../contract.ts';
import { Journal } from '../journal.ts';
import { Outbox } from './outbox.ts';
import { SortedKeys } from './sorted-keys.ts';
import { hasContent, type ObjectContent, type ObjectVersion, type StoredObject } from './version.ts';

/** Lines of the journal. What a line changes and the event that tells of it are one line: neither is without the other. */
type Line =
  | { version: ObjectVersion; event?: string }
  | { gone: { key: string; versionId: string }; event?: { name: string; sequence: number; at: number } }
  | { taken: number };

/** One bucket: an index in memory, a journal, and a file for each version's bytes. */
export class Bucket {
  /** Newest first. */
  private readonly versions = new Map<string, ObjectVersion[]>();
  private readonly keys = new SortedKeys();
  private readonly journal: Journal<Line>;
  private readonly filesDir: string;
  private sequence = 0;
  readonly outbox: Outbox;

  constructor(
    readonly name: string,
    directory: string,
    public versioned: boolean,
    log: (message: string) => void,
  ) {
    this.filesDir = join(directory, 'objects');
    mkdirSync(this.filesDir, { recursive: true });
    this.journal = new Journal(join(directory, 'journal'));
    this.outbox = new Outbox((sequence) => this.journal.append({ taken: sequence }), log);
    this.restore();
  }

  /** Tells of no more events. */
  close(): void {
    this.outbox.close();
    this.journal.close();
  }

  /** The current version; undefined when there is none or it is a delete marker. */
  current(key: string): StoredObject | undefined {
    const newest = this.versions.get(key)?.[0];
    return hasContent(newest) ? newest : undefined;
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.versions.get(key)?.find((one) => one.versionId === versionId);
  }

  /** Keys with a current object, in order, from the first that is not before `from`. */
  keysFrom(from: string): Iterable<string> {
    return this.keys.from(from);
  }

  allVersions(): ObjectVersion[] {
    return [...this.versions.values()].flat();
  }

  get empty(): boolean {
    return this.versions.size === 0;
  }

  newFile(): string {
    return join(this.filesDir, randomUUID());
  }

  fileOf(content: ObjectContent): string {
    return join(this.filesDir, content.file);
  }

  put(key: string, content: ObjectContent, event: string): StoredObject {
    const version: StoredObject = { ...this.newVersion(key), content };
    this.keep(version, event);
    return version;
  }

  /** Deletes as clients see it: with versions, by a delete marker on top. Answers the marker, or what is gone. */
  delete(key: string): ObjectVersion | undefined {
    const existing = this.versions.get(key)?.[0];
    if (!this.versioned) return existing ? this.deleteVersion(key, existing.versionId) : undefined;
    const marker = this.newVersion(key);
    this.keep(marker, 'ObjectRemoved:DeleteMarkerCreated');
    return marker;
  }

  /** Removes one version for good. */
  deleteVersion(key: string, versionId: string): ObjectVersion | undefined {
    const version = this.version(key, versionId);
    if (!version) return undefined;
    const event = { name: 'ObjectRemoved:Delete', sequence: ++this.sequence, at: Date.now() };
    const told = this.outbox.listening;
    this.journal.append({ gone: { key, versionId }, ...(told ? { event } : {}) });
    this.remove(key, versionId);
    if (told) this.outbox.add(this.removalEvent(key, versionId, event));
    return version;
  }

  tag(version: ObjectVersion, tags: Record<string, string>): void {
    version.tags = tags;
    this.journal.append({ version });
  }

  /** Without a listener an event is nobody's, now and after a restart. */
  private keep(version: ObjectVersion, event: string): void {
    const told = this.outbox.listening;
    this.journal.append({ version, ...(told ? { event } : {}) });
    this.apply(version);
    if (told) this.outbox.add(this.eventOf(version, event));
  }

  private newVersion(key: string): ObjectVersion {
    return {
      key,
      versionId: this.versioned ? randomUUID().replaceAll('-', '') : 'null',
      sequence: ++this.sequence,
      modifiedAt: Date.now(),
    };
  }

  private apply(version: ObjectVersion): void {
    const list = this.versions.get(version.key) ?? [];
    const known = list.findIndex((one) => one.versionId === version.versionId);
    const [replaced] = known < 0 ? [] : list.splice(known, 1);
    if (replaced?.content && replaced.content.file !== version.content?.file) this.deleteFile(replaced.content);
    const at = list.findIndex((one) => one.sequence < version.sequence);
    list.splice(at < 0 ? list.length : at, 0, version);
    this.versions.set(version.key, list);
    this.keys.set(version.key, this.current(version.key) !== undefined);
  }

  private remove(key: string, versionId: string): void {
    const list = this.versions.get(key) ?? [];
    const left = list.filter((one) => one.versionId !== versionId);
    for (const one of list) if (one.versionId === versionId && one.content) this.deleteFile(one.content);
    if (left.length > 0) this.versions.set(key, left);
    else this.versions.delete(key);
    this.keys.set(key, this.current(key) !== undefined);
  }

  private deleteFile(content: ObjectContent): void {
    rmSync(this.fileOf(content), { force: true });
  }

  private restore(): void {
    const pending = new Map<number, ObjectEvent>();
    const lineOf = new Map<number, Line>();
    for (const line of this.journal.read()) {
      if ('version' in line) {
        this.sequence = Math.max(this.sequence, line.version.sequence);
        this.apply(line.version);
        if (line.event) pending.set(line.version.sequence, this.eventOf(line.version, line.event));
      } else if ('gone' in line) {
        this.remove(line.gone.key, line.gone.versionId);
        if (!line.event) continue;
        this.sequence = Math.max(this.sequence, line.event.sequence);
        pending.set(line.event.sequence, this.removalEvent(line.gone.key, line.gone.versionId, line.event));
        lineOf.set(line.event.sequence, line);
      } else pending.delete(line.taken);
    }
    const kept = this.allVersions().sort((a, b) => a.sequence - b.sequence);
    const versionLines = kept.map((version): Line => {
      const event = pending.get(version.sequence)?.name;
      return event ? { version, event } : { version };
    });
    const removalLines = [...lineOf].filter(([sequence]) => pending.has(sequence)).map(([, line]) => line);
    this.journal.rewrite([...versionLines, ...removalLines]);
    this.deleteStrays(kept);
    for (const event of pending.values()) this.outbox.add(event);
  }

  /** Files of uploads that a kill cut off. */
  private deleteStrays(kept: readonly ObjectVersion[]): void {
    const known = new Set(kept.map((version) => version.content?.file));
    for (const file of readdirSync(this.filesDir))
      if (!known.has(file)) rmSync(join(this.filesDir, file), { force: true });
  }

  private eventOf(version: ObjectVersion, name: string): ObjectEvent {
    const { content } = version;
    return {
      ...this.removalEvent(version.key, version.versionId, {
        name,
        sequence: version.sequence,
        at: version.modifiedAt,
      }),
      ...(content ? { size: content.size, etag: content.etag } : {}),
    };
  }

  private removalEvent(
    key: string,
    versionId: string,
    event: { name: string; sequence: number; at: number },
  ): ObjectEvent {
    return {
      name: event.name,
      bucket: this.name,
      key,
      ...(versionId === 'null' ? {} : { versionId }),
      sequencer: event.sequence.toString(16).toUpperCase().padStart(16, '0'),
      time: new Date(event.at).toISOString(),
    };
  }
}
