/** Plate reads of a study that are read again because others are. */
import { loadNotes, loadPlate, type Sources } from '../aws/study-view.ts';
import { daysDrawnIn, type LinkedRead, linkedReads, readPlateOf } from '../domain/reads/linked-reads.ts';
import type { OutOfDate } from '../domain/reads/read-again.ts';
import { PREPROCESSING_VERSION } from '../imaging/version.ts';

/** By plate. One plate after the other: a study's readings need not fit into memory together. */
export async function daysToReadAgain(
  study: string,
  plates: readonly string[],
  what: OutOfDate,
  sources: Sources,
): Promise<Map<string, number[]>> {
  const { notes } = await loadNotes(study, sources);
  const reads: LinkedRead[] = [];
  for (const plate of plates) {
    const { input } = await loadPlate(study, plate, sources);
    reads.push(...linkedReads(readPlateOf(input, notes), notes, what, PREPROCESSING_VERSION));
  }
  return daysDrawnIn(reads, notes?.normalisation);
}
