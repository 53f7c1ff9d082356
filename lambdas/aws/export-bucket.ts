/** The bucket that laboratories sync into: images and notes below `exports/`, provenance below `provenance/`. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { EXPORTS_PREFIX, platePrefix, studyPrefix } from '../domain/keys.ts';
import { required } from './environment.ts';

/** The latest version of an object. */
export interface ObjectVersion {
  versionId: string;
  etag: string;
  bytes: number;
  /** ISO 8601. */
  uploadedAt: string;
}

export interface StoredObject extends ObjectVersion {
  content: Uint8Array;
}

export interface GetOptions {
  maxBytes?: number;
  /** Memory of at least so many bytes: its owner says how long the content stays. */
  memory?: (bytes: number) => Uint8Array;
}

export interface ListedObject {
  key: string;
  etag: string;
  bytes: number;
  uploadedAt: string;
}

export class ExportBucket {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  static fromEnv(): ExportBucket {
    return new ExportBucket(new S3Client({}), required('EXPORT_BUCKET'));
  }

  /** The latest version's identity, or undefined when the object is gone. */
  async head(key: string): Promise<ObjectVersion | undefined> {
    const found = await ifThere(this.s3.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key })));
    return found && versionOf(found);
  }

  /**
   * The latest version with its content, or undefined when the object is gone.
   *
   * @param options content above `maxBytes` is left unread, and comes back empty; `memory` gives the place to read to.
   */
  async get(key: string, options: GetOptions = {}): Promise<StoredObject | undefined> {
    const found = await ifThere(this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key })));
    if (!found) return undefined;
    const version = versionOf(found);
    if (options.maxBytes !== undefined && version.bytes > options.maxBytes) {
      // Ends the connection: nobody reads the rest.
      if (found.Body && 'destroy' in found.Body) found.Body.destroy();
      return { ...version, content: new Uint8Array() };
    }
    const memory = options.memory?.(version.bytes) ?? new Uint8Array(version.bytes);
    return { ...version, content: await readInto(memory, found.Body, key) };
  }

  /** A note as text, with its identity. */
  async getText(key: string): Promise<{ text: string; etag: string } | undefined> {
    const found = await this.get(key);
    return found && { text: new TextDecoder().decode(found.content), etag: found.etag };
  }

  /** Names of all studies that have any object. */
  async *studies(): AsyncGenerator<string> {
    yield* this.folders(EXPORTS_PREFIX);
  }

  /** Names of a study's plates that have any object. */
  async *plates(study: string): AsyncGenerator<string> {
    yield* this.folders(studyPrefix(study));
  }

  /** Every object below a plate. */
  async *objects(study: string, plate: string): AsyncGenerator<ListedObject> {
    for await (const page of this.pages({ Prefix: platePrefix(study, plate) })) {
      for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
        if (Key === undefined) continue;
        yield {
          key: Key,
          etag: bare(ETag),
          bytes: Size ?? 0,
          uploadedAt: (LastModified ?? new Date(0)).toISOString(),
        };
      }
    }
  }

  /** Keeps JSON text. */
  async putJson(key: string, json: string): Promise<void> {
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: json,
        ContentType: 'application/json',
      }),
    );
  }

  private async *folders(prefix: string): AsyncGenerator<string> {
    for await (const page of this.pages({ Prefix: prefix, Delimiter: '/' })) {
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        if (Prefix !== undefined) yield Prefix.slice(prefix.length, -1);
      }
    }
  }

  private async *pages(query: { Prefix: string; Delimiter?: string }) {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.s3.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          ...query,
          ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        }),
      );
      yield page;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }
}

async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFound || error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Reads a body to its end into memory that is there already: the SDK would gather it, and then copy it to fresh memory. */
async function readInto(memory: Uint8Array, body: unknown, key: string): Promise<Uint8Array> {
  let at = 0;
  if (body === undefined) return memory.subarray(0, 0);
  for await (const part of body as AsyncIterable<Uint8Array>) {
    if (at + part.length > memory.length) throw new Error(`${key}: more bytes came than its length says`);
    memory.set(part, at);
    at += part.length;
  }
  return memory.subarray(0, at);
}

function versionOf(found: {
  VersionId?: string | undefined;
  ETag?: string | undefined;
  ContentLength?: number | undefined;
  LastModified?: Date | undefined;
}): ObjectVersion {
  return {
    // A bucket without versions would answer none; ours has them, and `null` is what S3 calls the version before.
    versionId: found.VersionId ?? 'null',
    etag: bare(found.ETag),
    bytes: found.ContentLength ?? 0,
    uploadedAt: (found.LastModified ?? new Date(0)).toISOString(),
  };
}

const bare = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '');
