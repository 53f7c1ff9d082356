/** A lab's own naming pattern: a regular expression with named groups over the whole path below the plate. */
import { NotesError } from './notes-error.ts';

/** Long patterns and paths are where catastrophic backtracking hides. */
const MAX_PATTERN_LENGTH = 300;
export const MAX_PATH_LENGTH = 400;
/** A quantified group that holds a quantifier itself, such as `(a+)+`: exponential on paths that do not match. */
const NESTED_QUANTIFIER = /\([^()]*[+*}][^()]*\)[+*{]/;

export const GROUPS = ['well', 'row', 'column', 'field', 'z', 'channel', 'day', 'date'] as const;

/** @throws NotesError when the pattern is not usable. */
export function compileNamingPattern(pattern: string, file: string): RegExp {
  const refuse = (reason: string, remedy: string): never => {
    throw new NotesError(file, `namingPattern ${reason}`, remedy);
  };
  if (pattern.length > MAX_PATTERN_LENGTH) refuse(`is longer than ${MAX_PATTERN_LENGTH} characters`, 'Shorten it.');
  if (NESTED_QUANTIFIER.test(pattern))
    refuse(
      'repeats a group that repeats itself',
      'Write it without nested + or *: it could run for ever on some names.',
    );
  const names = [...pattern.matchAll(/\(\?<([^>=!]+)>/g)].map((match) => match[1] ?? '');
  const unknown = names.find((name) => !(GROUPS as readonly string[]).includes(name));
  if (unknown) refuse(`has the unknown group "${unknown}"`, `Groups are ${GROUPS.join(', ')}.`);
  if (!names.includes('well') && !(names.includes('row') && names.includes('column'))) {
    refuse('names no well', 'Add a group (?<well>…), or (?<row>…) and (?<column>…).');
  }
  try {
    return new RegExp(pattern);
  } catch (error) {
    return refuse(
      `is not a regular expression (${error instanceof Error ? error.message : ''})`,
      'Test it on one of your paths.',
    );
  }
}
