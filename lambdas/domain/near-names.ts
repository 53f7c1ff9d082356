/** Names that a writer may have meant, for a name that nothing is known by. */
import { closest, distance } from 'fastest-levenshtein';
import { compareText } from './statistics.ts';

export interface Candidate {
  /** As names are compared. */
  key: string;
  /** As it is written. */
  name: string;
}

/** Letters that may differ for a name to be offered as near, as a share of its length. */
const NEAR_SHARE = 0.3;

/** Up to three, the nearest first. */
export function nearNames(key: string, candidates: readonly Candidate[]): string[] {
  if (key === '') return [];
  const limit = Math.max(1, Math.floor(NEAR_SHARE * key.length));
  const near = candidates
    .filter((candidate) => Math.abs(candidate.key.length - key.length) <= limit)
    .map((candidate) => ({ name: candidate.name, letters: distance(key, candidate.key) }))
    .filter(({ letters }) => letters <= limit)
    .sort((a, b) => a.letters - b.letters || compareText(a.name, b.name));
  if (near.length > 0) return near.slice(0, 3).map(({ name }) => name);
  // A longer or shorter form of the same word, such as a salt.
  const start = candidates.filter((candidate) => candidate.key.startsWith(key.slice(0, 4)));
  const found =
    start.length > 0
      ? closest(
          key,
          start.map((candidate) => candidate.key),
        )
      : undefined;
  return start
    .filter((candidate) => candidate.key === found)
    .map(({ name }) => name)
    .slice(0, 1);
}
