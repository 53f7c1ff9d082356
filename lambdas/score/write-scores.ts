/** Writes a study's scores in an order that can be cut anywhere: what is left to do shows, and is done next time. */
import pLimit from 'p-limit';
import type { ExportBucket } from '../aws/export-bucket.ts';
import { storeDocument } from '../aws/score-documents.ts';
import { type ScoreHead, type ScoresTable, scoreKeys } from '../aws/scores-table.ts';
import { sha256, stableJson } from '../aws/stable-json.ts';
import type { ScoreDraft } from './items.ts';

export interface WriteDeps {
  bucket: Pick<ExportBucket, 'putJson'>;
  scores: Pick<ScoresTable, 'put' | 'remove' | 'register' | 'unregister'>;
  now: () => Date;
}

/** Items that are written at once. */
const CONCURRENCY = 16;

/**
 * Writes what changed and removes what is no more. A plate's digest tells the sweep that all is written, so plates come
 * after everything else; the plate of a gone folder goes last, because it is how the sweep knows of it.
 *
 * @param drafts all items that the study should have; none when the study is gone.
 * @returns how many items it wrote and removed.
 */
export async function writeScores(
  study: string,
  drafts: readonly ScoreDraft[],
  former: ReadonlyMap<string, ScoreHead>,
  deps: WriteDeps,
): Promise<{ written: number; removed: number }> {
  const changed = changedItems(drafts, former, deps.now());
  const stale = staleItems(drafts, former);
  const put = async ({ json, ...item }: Changed) =>
    deps.scores.put(study, { ...item, ...(await storeDocument(study, json, item.sha256, deps.bucket)) });
  const remove = ({ sortKey }: Pick<ScoreHead, 'sortKey'>) => deps.scores.remove(study, sortKey);

  if (drafts.length > 0 && !former.has(scoreKeys.study)) await deps.scores.register(study);
  await toEach(changed.filter(isOfDay), put);
  await toEach(changed.filter(isStudy), put);
  await toEach(
    stale.filter((item) => !isPlate(item)),
    remove,
  );
  await toEach(changed.filter(isPlate), put);
  await toEach(stale.filter(isPlate), remove);
  if (drafts.length === 0) await deps.scores.unregister(study);
  return { written: changed.length, removed: stale.length };
}

type Keyed = Pick<ScoreHead, 'sortKey'>;
const isPlate = ({ sortKey }: Keyed): boolean => sortKey.startsWith(scoreKeys.plates);
const isStudy = ({ sortKey }: Keyed): boolean => sortKey === scoreKeys.study;
const isOfDay = (item: Keyed): boolean => !isPlate(item) && !isStudy(item);
const isMarker = ({ sortKey }: Keyed): boolean => sortKey.startsWith(scoreKeys.allMarkers);

type Changed = ScoreHead & { json: string };

function changedItems(drafts: readonly ScoreDraft[], former: ReadonlyMap<string, ScoreHead>, now: Date): Changed[] {
  return drafts.flatMap(({ document, ...draft }) => {
    const json = stableJson(document);
    const digest = sha256(json);
    const before = former.get(draft.sortKey);
    const isSame = before?.sha256 === digest && before.inputsDigest === draft.inputsDigest;
    // What was told of stands in the item: left as it was, the same would be told again at every scoring.
    if (isSame && before.announced === draft.announced) return [];
    const revision = (before?.revision ?? 0) + 1;
    return [{ ...draft, json, sha256: digest, revision, scoredAt: now.toISOString() }];
  });
}

/** Scores of days, compounds and plates that no longer are. Marks of what was announced stay as long as the study. */
function staleItems(drafts: readonly ScoreDraft[], former: ReadonlyMap<string, ScoreHead>): ScoreHead[] {
  const wanted = new Set(drafts.map(({ sortKey }) => sortKey));
  const isGone = drafts.length === 0;
  return [...former.values()].filter((item) => !wanted.has(item.sortKey) && (isGone || !isMarker(item)));
}

/**
 * Waits for all, also when one fails: what is still under way when a handler returns goes on in the next invocation, and
 * would write old scores over new ones.
 *
 * @throws the first error.
 */
async function toEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const results = await Promise.allSettled(items.map((item) => limit(work, item)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
