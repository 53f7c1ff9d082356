import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import type { Announcer } from '../aws/announcer.ts';
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { Log } from '../aws/log.ts';
import type { ReadingsTable } from '../aws/readings-table.ts';
import { storeDocument } from '../aws/score-documents.ts';
import { type ScoreHead, type ScoresTable, scoreKeys } from '../aws/scores-table.ts';
import { sha256, stableJson } from '../aws/stable-json.ts';
import { loadNotes, loadPlates } from '../aws/study-view.ts';
import { inputsOf } from '../domain/inputs-digest.ts';
import { type NvirEvent, scoreMessage } from '../domain/messages.ts';
import type { Reference } from '../domain/reference.ts';
import { scoreStudy } from '../domain/score-study.ts';
import type { StudyScores } from '../domain/scores.ts';
import { itemsOf, type ScoreDraft } from './items.ts';

export interface ScoreDeps {
  bucket: Pick<ExportBucket, 'getText' | 'plates' | 'putJson'>;
  readings: Pick<ReadingsTable, 'ofPlate'>;
  scores: Pick<ScoresTable, 'heads' | 'put' | 'remove'>;
  announcer: Pick<Announcer, 'announce'>;
  reference: Reference;
  now: () => Date;
  log: Log;
}

/** Items that are written at once. */
const CONCURRENCY = 16;
/** What a compound had before its first verdict. */
const NO_VERDICT = 'unknown';

/** Scores the studies of the batch, each once, from one look at what then stands. */
export const makeHandler =
  (deps: ScoreDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const messagesOf = new Map<string, string[]>();
    const failed: string[] = [];
    for (const { messageId, body } of event.Records) {
      try {
        const { study } = scoreMessage.parse(JSON.parse(body));
        messagesOf.set(study, [...(messagesOf.get(study) ?? []), messageId]);
      } catch (error) {
        deps.log.error('not a request to score', { messageId, error });
        failed.push(messageId);
      }
    }
    for (const [study, messageIds] of messagesOf) {
      try {
        await score(study, deps);
      } catch (error) {
        deps.log.error('a study could not be scored', { study, error });
        failed.push(...messageIds);
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };

async function score(study: string, deps: ScoreDeps): Promise<void> {
  const { notes, notesVersion, problems } = await loadNotes(study, deps);
  const plates = await loadPlates(study, deps);
  const scores = scoreStudy({
    study,
    notes,
    ...(notesVersion === undefined ? {} : { notesVersion }),
    plates: plates.map(({ input }) => input),
    reference: deps.reference,
    problems: [...problems, ...plates.flatMap((plate) => plate.problems)],
  });
  const inputs = new Map(plates.map(({ input }) => [input.plate, sha256(inputsOf(input, notesVersion))]));
  const former = new Map((await deps.scores.heads(study)).map((head) => [head.sortKey, head]));
  const drafts = itemsOf(scores, inputs);
  // Before the verdicts are written: a process that dies in between announces twice, never not at all.
  await deps.announcer.announce(changedVerdicts(study, scores, former));
  const written = await write(study, drafts, former, deps);
  const removed = await removeStale(study, drafts, former, deps);
  deps.log.info('scored', { study, days: scores.days.length, plates: plates.length, written, removed });
}

function changedVerdicts(study: string, scores: StudyScores, former: ReadonlyMap<string, ScoreHead>): NvirEvent[] {
  return scores.days.flatMap(({ day, compounds }) =>
    compounds.flatMap(({ compound, mos, verdict }): NvirEvent[] => {
      const from = former.get(scoreKeys.compound(compound, day))?.verdict ?? NO_VERDICT;
      if (from === verdict.label) return [];
      return [{ type: 'VerdictChanged', detail: { study, compound, day, from, to: verdict.label, mos } }];
    }),
  );
}

/** Writes what changed, the study's own item after all others. @returns how many items it wrote. */
async function write(
  study: string,
  drafts: readonly ScoreDraft[],
  former: ReadonlyMap<string, ScoreHead>,
  { bucket, scores, now }: ScoreDeps,
): Promise<number> {
  const scoredAt = now().toISOString();
  const changed = drafts.flatMap(({ sortKey, document, verdict }) => {
    const json = stableJson(document);
    const digest = sha256(json);
    const before = former.get(sortKey);
    if (before?.sha256 === digest) return [];
    return [{ sortKey, json, sha256: digest, revision: (before?.revision ?? 0) + 1, scoredAt, verdict }];
  });
  const put = async ({ json, ...item }: (typeof changed)[number]) =>
    scores.put(study, { ...item, ...(await storeDocument(study, json, item.sha256, bucket)) });
  const limit = pLimit(CONCURRENCY);
  await Promise.all(changed.filter(({ sortKey }) => sortKey !== scoreKeys.study).map((item) => limit(put, item)));
  for (const item of changed) if (item.sortKey === scoreKeys.study) await put(item);
  return changed.length;
}

/** Removes scores of days, compounds and plates that no longer are. Marks of what was announced stay. */
async function removeStale(
  study: string,
  drafts: readonly ScoreDraft[],
  former: ReadonlyMap<string, ScoreHead>,
  { scores }: ScoreDeps,
): Promise<number> {
  const wanted = new Set(drafts.map(({ sortKey }) => sortKey));
  const stale = [...former.keys()].filter((sortKey) => !wanted.has(sortKey) && !sortKey.startsWith('marker#'));
  for (const sortKey of stale) await scores.remove(study, sortKey);
  return stale.length;
}
