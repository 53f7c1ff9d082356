/** Which plate of which study an ATP value is of, and that it is there once. Refuses whatever it would have to guess. */
import { nearNames } from '../near-names.ts';
import { NotesError } from '../notes/notes-error.ts';
import { groupBy } from '../statistics.ts';
import type { AtpSignal } from './signal.ts';

export interface PlateName {
  study: string;
  plate: string;
}

export type PlacedSignal = AtpSignal & PlateName;

/** @throws NotesError for a study or plate that no export has, and for a plate that two studies have. */
export function placeSignals(signals: readonly AtpSignal[], plates: readonly PlateName[]): PlacedSignal[] {
  const byPlate = groupBy(plates, ({ plate }) => plate);
  const studies = [...new Set(plates.map(({ study }) => study))];
  return signals.map((signal) => {
    const { study, plate, file, line } = signal;
    if (study !== undefined && !studies.includes(study))
      throw new NotesError(file, `no export is of study ${study}`, nearText(study, studies), line);
    const candidates = byPlate.get(plate) ?? [];
    const found = candidates.filter((candidate) => study === undefined || candidate.study === study);
    const [only, ...more] = found;
    if (!only) {
      const where = study === undefined ? 'no export' : `no plate of study ${study}`;
      const names = plates.filter((candidate) => study === undefined || candidate.study === study);
      throw new NotesError(
        file,
        `${where} is called ${plate}`,
        nearText(
          plate,
          names.map((name) => name.plate),
        ),
        line,
      );
    }
    if (more.length > 0)
      throw new NotesError(
        file,
        `plate ${plate} is in the studies ${found.map((name) => name.study).join(' and ')}`,
        'Add a column study, or a line "Study: …" above the block.',
        line,
      );
    return { ...signal, study: only.study };
  });
}

/** Remedy for a name that nothing is called by. */
export function nearText(name: string, names: readonly string[]): string {
  const key = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '');
  const close = nearNames(
    key(name),
    [...new Set(names)].map((candidate) => ({ key: key(candidate), name: candidate })),
  );
  const known =
    close.length > 0 ? `Is it ${close.join(' or ')}?` : `The exports have ${[...new Set(names)].join(', ')}.`;
  return `${known} Names are the folders' names, letter by letter.`;
}

/** @throws NotesError when a well was given two values: which of them counts, nobody can know. */
export function uniqueSignals(signals: readonly PlacedSignal[]): { signals: PlacedSignal[]; repeated: PlacedSignal[] } {
  const seen = new Map<string, PlacedSignal>();
  const repeated: PlacedSignal[] = [];
  for (const signal of signals) {
    const key = JSON.stringify([signal.study, signal.plate, signal.day, signal.well]);
    const former = seen.get(key);
    if (!former) seen.set(key, signal);
    else if (former.light === signal.light) repeated.push(signal);
    else
      throw new NotesError(
        signal.file,
        `well ${signal.well} of plate ${signal.plate}, day ${signal.day}, has two values: ${former.light} (${former.file}, row ${former.line}) and ${signal.light}`,
        'Keep the measurement that counts; A1, a01 and A01 are one well.',
        signal.line,
      );
  }
  return { signals: [...seen.values()], repeated };
}
