import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Announcer } from '../aws/announcer.ts';
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { Log } from '../aws/log.ts';
import type { ReadingsTable } from '../aws/readings-table.ts';
import { type ScoreHead, type ScoresTable, scoreKeys } from '../aws/scores-table.ts';
import { sha256 } from '../aws/stable-json.ts';
import { loadDecisions, loadNotes, loadPlates, orUnknown } from '../aws/study-view.ts';
import { scoreMessage } from '../domain/messages.ts';
import type { Reference } from '../domain/reference.ts';
import { inputsOf } from '../domain/scoring/inputs-digest.ts';
import { scoreStudy } from '../domain/scoring/score-study.ts';
import { announcementsOf } from './announcements.ts';
import { itemsOf } from './items.ts';
import { type WriteDeps, writeScores } from './write-scores.ts';

export interface ScoreDeps extends WriteDeps {
  bucket: Pick<ExportBucket, 'getText' | 'plates' | 'putJson'>;
  readings: Pick<ReadingsTable, 'ofPlate'>;
  scores: WriteDeps['scores'] & Pick<ScoresTable, 'heads'>;
  announcer: Pick<Announcer, 'announce'>;
  reference: Reference;
  log: Log;
}

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
  const [{ notes, notesVersion, problems }, decisions] = await Promise.all([
    loadNotes(study, deps),
    loadDecisions(study, deps),
  ]);
  const former = new Map((await deps.scores.heads(study)).map((head) => [head.sortKey, head]));
  // The first scores of a study are what there is to lock.
  if (decisions.hold && former.has(scoreKeys.study)) {
    deps.log.info('locked: its scores stay as they stand', { study, ...decisions.hold });
    return;
  }
  const { exclusions, exclusionsVersion } = decisions;
  const plates = await loadPlates(study, platesIn(former), deps);
  const scores = scoreStudy({
    study,
    notes,
    ...(notesVersion === undefined ? {} : { notesVersion }),
    plates: plates.map(({ input }) => input),
    reference: deps.reference,
    exclusions,
    ...(exclusionsVersion === undefined ? {} : { exclusionsVersion }),
    problems: [...problems, ...decisions.problems, ...plates.flatMap((plate) => plate.problems)],
  });
  const studyInputs = { notesVersion, referenceSha256: deps.reference.sha256, exclusionsVersion };
  const inputs = new Map(plates.map(({ input }) => [input.plate, sha256(inputsOf(input, studyInputs))]));
  const isGone = notesVersion === undefined && plates.length === 0;
  const { events, held } = announcementsOf(scores, former);
  const drafts = isGone ? [] : itemsOf(scores, orUnknown(scores.simulated, notes), inputs, held);
  // Before the verdicts are written: a process that dies in between announces twice, never not at all.
  await deps.announcer.announce(events);
  const { written, removed } = await writeScores(study, drafts, former, deps);
  deps.log.info('scored', { study, days: scores.days.length, plates: plates.length, written, removed });
}

const platesIn = (former: ReadonlyMap<string, ScoreHead>): string[] =>
  [...former.keys()].flatMap((sortKey) => scoreKeys.plateOf(sortKey) ?? []);
