/** Documents of scores: in their item, or in the bucket where they outgrow it. */
import type { ExportBucket } from './export-bucket.ts';
import type { ScoreItem } from './scores-table.ts';

/** An item ends at 400 KB, keys and names included. */
const LARGEST_IN_ITEM_BYTES = 300_000;

export const provenanceKey = (study: string, sha256: string): string => `provenance/${study}/${sha256}.json`;

/** Puts a document where it belongs. @returns the item's part of it. */
export async function storeDocument(
  study: string,
  json: string,
  sha256: string,
  bucket: Pick<ExportBucket, 'putJson'>,
): Promise<Pick<ScoreItem, 'document' | 'documentKey'>> {
  if (Buffer.byteLength(json) <= LARGEST_IN_ITEM_BYTES) return { document: json };
  const documentKey = provenanceKey(study, sha256);
  await bucket.putJson(documentKey, json);
  return { documentKey };
}

/** Reads an item's document, wherever it is. @throws when its object is not there. */
export async function readDocument(item: ScoreItem, bucket: Pick<ExportBucket, 'getText'>): Promise<unknown> {
  if (item.document !== undefined) return JSON.parse(item.document);
  const found = item.documentKey === undefined ? undefined : await bucket.getText(item.documentKey);
  if (!found) throw new Error(`the document of ${item.sortKey} is not at ${item.documentKey}`);
  return JSON.parse(found.text);
}
