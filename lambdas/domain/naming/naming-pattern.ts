/** A lab's own naming pattern: a regular expression with named groups over the whole path below the plate. */
import { NotesError } from '../notes/notes-error.ts';

/** Long patterns and paths are where catastrophic backtracking hides. */
const MAX_PATTERN_LENGTH = 300;
export const MAX_PATH_LENGTH = 400;
/** Each further `.*` multiplies the time by the path's length. */
const MOST_WILDCARDS = 3;

export const GROUPS = ['well', 'row', 'column', 'field', 'z', 'channel', 'day', 'date'] as const;

/** @throws NotesError when the pattern is not usable. */
export function compileNamingPattern(pattern: string, file: string): RegExp {
  const refuse = (reason: string, remedy: string): never => {
    throw new NotesError(file, `namingPattern ${reason}`, remedy);
  };
  if (pattern.length > MAX_PATTERN_LENGTH) refuse(`is longer than ${MAX_PATTERN_LENGTH} characters`, 'Shorten it.');
  const expression = compiled(pattern, refuse);
  const { repeatedChoice, wildcards } = costOf(pattern);
  if (repeatedChoice !== undefined)
    refuse(
      `repeats the group ${repeatedChoice}, which itself repeats, chooses or holds a group`,
      'It could run for ever on some names: repeat single characters or classes only, such as [A-Za-z_-]+; ? is allowed.',
    );
  if (wildcards > MOST_WILDCARDS)
    refuse(
      `holds .* or .+ ${wildcards} times`,
      `Use at most ${MOST_WILDCARDS}: write [^_]+ or [^/]+ for one part of a name.`,
    );
  const names = [...pattern.matchAll(/\(\?<([^>=!]+)>/g)].map((match) => match[1] ?? '');
  const unknown = names.find((name) => !(GROUPS as readonly string[]).includes(name));
  if (unknown) refuse(`has the unknown group "${unknown}"`, `Groups are ${GROUPS.join(', ')}.`);
  if (!names.includes('well') && !(names.includes('row') && names.includes('column'))) {
    refuse('names no well', 'Add a group (?<well>…), or (?<row>…) and (?<column>…).');
  }
  return expression;
}

function compiled(pattern: string, refuse: (reason: string, remedy: string) => never): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    return refuse(
      `is not a regular expression (${error instanceof Error ? error.message : ''})`,
      'Test it on one of your paths.',
    );
  }
}

interface Cost {
  /** The first repeated group that could match one text in many ways: exponential on paths that do not match. */
  repeatedChoice: string | undefined;
  /** How often `.` is repeated without end. */
  wildcards: number;
}

/** Escapes, classes, openings of groups with their kind, quantifiers, or one other character. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<[^>]+>)|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gs;

function costOf(pattern: string): Cost {
  const open: { start: number; isPlain: boolean }[] = [];
  let [closed, previous]: [{ text: string; isPlain: boolean } | undefined, string] = [undefined, ''];
  const cost: Cost = { repeatedChoice: undefined, wildcards: 0 };
  for (const { 0: token, index } of pattern.matchAll(TOKEN)) {
    const group = open.at(-1);
    const isQuantifier = /^(?:[*+?]|\{\d)/.test(token);
    const repeats = isQuantifier && !/^\?|^\{[01]\}|^\{0,1\}/.test(token);
    if (repeats && closed && !closed.isPlain) cost.repeatedChoice ??= closed.text;
    if (repeats && previous === '.' && !/^\{\d+(?:,\d+)?\}/.test(token)) cost.wildcards += 1;
    if (group && (isQuantifier || token === '|' || token.startsWith('('))) group.isPlain = false;
    closed = undefined;
    if (token.startsWith('(')) open.push({ start: index, isPlain: true });
    if (token === ')') {
      const ended = open.pop();
      if (ended) closed = { text: pattern.slice(ended.start, index + 1), isPlain: ended.isPlain };
    }
    previous = token;
  }
  return cost;
}
