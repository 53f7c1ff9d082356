import type { ChecksumAlgorithm } from './checksums.ts';

/** One version of an object, or a delete marker, as the journal keeps it. */
export interface ObjectVersion {
  key: string;
  /** `null` in a bucket without versions. */
  versionId: string;
  /** Grows with every change of the bucket. */
  sequence: number;
  modifiedAt: number;
  /** Undefined for a delete marker. */
  content?: ObjectContent;
  tags?: Record<string, string>;
}

export interface ObjectContent {
  /** Name of the file with the bytes. */
  file: string;
  size: number;
  etag: string;
  metadata: ObjectMetadata;
  checksum?: { algorithm: ChecksumAlgorithm; value: string } | undefined;
}

export interface ObjectMetadata {
  contentType: string;
  contentEncoding?: string | undefined;
  cacheControl?: string | undefined;
  contentDisposition?: string | undefined;
  /** `x-amz-meta-…` headers. */
  user: Record<string, string>;
}

/** A version that has bytes. */
export type StoredObject = ObjectVersion & { content: ObjectContent };

export function hasContent(version: ObjectVersion | undefined): version is StoredObject {
  return version?.content !== undefined;
}
