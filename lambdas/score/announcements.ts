/** Which verdicts are told of: those that changed, but for what is unknown only until one model has read all its images again. */
import { type ScoreHead, scoreKeys } from '../aws/scores-table.ts';
import type { NvirEvent } from '../domain/messages.ts';
import { riskOf } from '../domain/ranking/ranking.ts';
import type { StudyScores } from '../domain/scoring/scores.ts';

/** What a compound had before its first verdict. */
const NO_VERDICT = 'unknown';

export interface Announcements {
  events: NvirEvent[];
  /** Verdicts that were last announced, by the sort keys of the compounds whose own is held back. */
  held: ReadonlyMap<string, string>;
}

export function announcementsOf({ study, days }: StudyScores, former: ReadonlyMap<string, ScoreHead>): Announcements {
  const events: NvirEvent[] = [];
  const held = new Map<string, string>();
  for (const { day, compounds, unsettled } of days) {
    const waiting = new Set(unsettled);
    for (const score of compounds) {
      const { compound, verdict } = score;
      const sortKey = scoreKeys.compound(compound, day);
      const from = lastAnnounced(former.get(sortKey));
      if (from === verdict.label) continue;
      if (waiting.has(compound)) held.set(sortKey, from);
      else
        events.push({
          type: 'VerdictChanged',
          detail: { study, compound, day, from, to: verdict.label, mos: riskOf(score) },
        });
    }
  }
  return { events, held };
}

const lastAnnounced = (head: ScoreHead | undefined): string => head?.announced ?? head?.verdict ?? NO_VERDICT;
