/** Tells once of each plate read that is complete, or that ended with wells missing. */
import type { Announcer } from '../aws/announcer.ts';
import { type ScoresTable, scoreKeys } from '../aws/scores-table.ts';
import type { NvirEvent } from '../domain/messages.ts';
import type { PlateReadSummary, PlateSummary } from '../domain/reads/completeness.ts';

/** A plate read whose images stopped coming for so long is over: reading a plate takes minutes to a few hours. */
const QUIET_HOURS = 6;
const HOUR_MS = 3_600_000;

export interface CloseDeps {
  scores: Pick<ScoresTable, 'list' | 'mark'>;
  announcer: Pick<Announcer, 'announce'>;
  now: () => Date;
}

/** What is known of a plate's images beside its summary. */
export interface Arrivals {
  /** When the latest image of the plate came, ISO 8601. */
  lastUpload: string;
  /** Days that images belong to which wait to be read; `any` for an image whose path says none. */
  unreadDays: ReadonlySet<number | 'any'>;
}

/** @returns how many plate reads were told of. */
export async function closeReads(
  study: string,
  { plate, reads, hasMap }: PlateSummary,
  { lastUpload, unreadDays }: Arrivals,
  { scores, announcer, now }: CloseDeps,
): Promise<number> {
  if (!hasMap || reads.length === 0) return 0;
  const isQuiet = now().getTime() - Date.parse(lastUpload) > QUIET_HOURS * HOUR_MS;
  const told = new Set((await scores.list(study, scoreKeys.markers(plate))).map(({ sortKey }) => sortKey));
  const due = reads.flatMap((read) => {
    // Soon read, it may say more; for one that nobody can read, people do not wait for ever.
    if (!isQuiet && (unreadDays.has(read.day) || unreadDays.has('any'))) return [];
    const event = eventOf(study, plate, read, isQuiet);
    const marker = event && scoreKeys.marker(plate, read.day, event.type);
    return event && marker && !told.has(marker) ? [{ event, marker }] : [];
  });
  // Told before it is marked: a process that dies in between tells twice, never not at all.
  await announcer.announce(due.map(({ event }) => event));
  for (const { marker } of due) await scores.mark(study, marker);
  return due.length;
}

function eventOf(study: string, plate: string, read: PlateReadSummary, isQuiet: boolean): NvirEvent | undefined {
  const { day, complete, absentWells } = read;
  if (complete) return { type: 'PlateCompleted', detail: { study, plate, day } };
  if (!isQuiet) return undefined;
  return { type: 'PlateIncomplete', detail: { study, plate, day, absentWells } };
}
