import type { Mutation } from './mutations.ts';
import type { runs } from './runs.ts';

/** Which run uses a wire; the first line that fits. */
const table: readonly [RegExp, keyof typeof runs][] = [
  [/^dead letters: .*(AnnouncementsRule|SweepingSchedule)/, 'refused'],
  [/AnnouncementsDeadLettersPolicy|SweepingSchedule may sqs:SendMessage/, 'refused'],
  [/^partial failures: ReadingNewsFeed/, 'failing'],
  [/^partial failures: /, 'kept'],
  [/^dead letters: |on SweepPlatesDeadLetters$|on ReadingNewsFailures$/, 'failing'],
  [/\/provenance\//, 'large'],
  [/Sweeping|SweepPlates|^variable: SweepingSweep/, 'sweep'],
  [/./, 'arrival'],
];

export function namedRun({ name }: Mutation): keyof typeof runs {
  const found = table.find(([pattern]) => pattern.test(name));
  return found?.[1] ?? 'arrival';
}
