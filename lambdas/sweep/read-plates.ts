/** Plate reads of a study that are read again because others are. */
import type { Log } from '../aws/log.ts';
import { loadNotes, loadPlate, type Sources } from '../aws/study-view.ts';
import { UnreadableReading } from '../aws/unreadable-reading.ts';
import { daysDrawnIn, type LinkedRead, linkedReads, readPlateOf } from '../domain/reads/linked-reads.ts';
import type { OutOfDate } from '../domain/reads/read-again.ts';
import { PREPROCESSING_VERSION } from '../imaging/version.ts';

/**
 * By plate. One plate after the other: a study's readings need not fit into memory together. A plate with a reading that does not parse draws nothing
 * in, and its own sweep says why: it must not hold up the others.
 */
export async function daysToReadAgain(
  study: string,
  plates: readonly string[],
  what: OutOfDate,
  sources: Sources & { log: Log },
): Promise<Map<string, number[]>> {
  const { notes } = await loadNotes(study, sources);
  const reads: LinkedRead[] = [];
  for (const plate of plates) {
    try {
      const { input } = await loadPlate(study, plate, sources);
      reads.push(...linkedReads(readPlateOf(input, notes), notes, what, PREPROCESSING_VERSION));
    } catch (error) {
      if (!(error instanceof UnreadableReading)) throw error;
      sources.log.error('a plate is not looked at for what others are read again with', { study, plate, error });
    }
  }
  return daysDrawnIn(reads, notes?.normalisation);
}
