import { createHash } from 'node:crypto';
import type { ExportBucket, ListedObject, ObjectVersion, StoredObject } from '../../lambdas/aws/export-bucket.ts';
import { EXPORTS_PREFIX, platePrefix, studyPrefix } from '../../lambdas/domain/keys.ts';

type Surface = Pick<ExportBucket, 'head' | 'get' | 'getText' | 'studies' | 'plates' | 'objects' | 'putJson'>;

/** The export bucket in memory; each put is a new version. */
export class FakeBucket implements Surface {
  private readonly stored = new Map<string, StoredObject>();
  private versions = 0;
  /** Runs before each get, to let the world change in between. */
  beforeGet: (key: string) => void = () => {};

  put(key: string, content: string | Uint8Array, uploadedAt = '2026-03-09T10:00:00.000Z'): ObjectVersion {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.versions += 1;
    const version: StoredObject = {
      versionId: `v${this.versions}`,
      etag: createHash('md5').update(bytes).digest('hex'),
      bytes: bytes.length,
      uploadedAt,
      content: bytes,
    };
    this.stored.set(key, version);
    return version;
  }

  remove(key: string): void {
    this.stored.delete(key);
  }

  async head(key: string): Promise<ObjectVersion | undefined> {
    const found = this.stored.get(key);
    if (!found) return undefined;
    const { content: _content, ...version } = found;
    return version;
  }

  async get(key: string, { maxBytes = Number.POSITIVE_INFINITY } = {}): Promise<StoredObject | undefined> {
    this.beforeGet(key);
    const found = this.stored.get(key);
    return found && found.bytes > maxBytes ? { ...found, content: new Uint8Array() } : found;
  }

  async getText(key: string): Promise<{ text: string; etag: string } | undefined> {
    const found = await this.get(key);
    return found && { text: new TextDecoder().decode(found.content), etag: found.etag };
  }

  async *studies(): AsyncGenerator<string> {
    yield* this.folders(EXPORTS_PREFIX);
  }

  async *plates(study: string): AsyncGenerator<string> {
    yield* this.folders(studyPrefix(study));
  }

  async *objects(study: string, plate: string): AsyncGenerator<ListedObject> {
    for (const [key, { etag, bytes, uploadedAt }] of this.sorted()) {
      if (key.startsWith(platePrefix(study, plate))) yield { key, etag, bytes, uploadedAt };
    }
  }

  async putJson(key: string, json: string): Promise<void> {
    this.put(key, json);
  }

  private folders(prefix: string): string[] {
    const keys = this.sorted().map(([key]) => key);
    const inside = keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length).split('/'));
    return [...new Set(inside.flatMap(([folder = '', ...rest]) => (rest.length > 0 ? [folder] : [])))];
  }

  private sorted(): [string, StoredObject][] {
    return [...this.stored].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
