/**
 * What an image's path below its plate says: well, field, plane, channel, day, time. By the study's own naming pattern, or
 * by a generic one that knows the common instruments' ways and says so where it would have to guess.
 */

import { parseWell, wellName } from '../well.ts';
import { parseGenericPath } from './generic-name.ts';
import { withoutLeadingZeros } from './name-parts.ts';
import { compileNamingPattern, MAX_PATH_LENGTH } from './naming-pattern.ts';
import { certainShape } from './well-in-name.ts';

export interface ImageName {
  /** `A01`; missing when the path names none, more than one, or one that may be something else. */
  well?: string;
  /** Numbers without leading zeros, so that `s1` and `s01` are one field; several numbers are joined by points. */
  field: string;
  z: string;
  /** A number, a word such as `phase`, or both as `2-gfp`; lower case, without leading zeros. */
  channel: string;
  /** Nominal imaging day. */
  day?: number;
  /** Acquisition time, ISO 8601 without offset when the name gives none. */
  takenAt?: string;
  /** Time since the instrument's scan began, where the name says that instead of a date (Incucyte). */
  elapsedHours?: number;
  /** Why there is no well. */
  reason?: string;
}

type NameOf = (path: string) => ImageName;

/** One path on its own. @example parseImagePath('day7/P1_B03_s1_w1.tif').well // 'B03' */
export const parseImagePath = (path: string, namingPattern?: string): ImageName => namerOf([path], namingPattern)(path);

/**
 * Names the images of one plate. Together they say more than each alone: `D7.tif` may be day 7, but beside `A7.tif` it is a
 * well. Compiles the naming pattern once.
 */
export function namerOf(paths: Iterable<string>, namingPattern?: string): NameOf {
  if (namingPattern !== undefined) {
    const expression = compileNamingPattern(namingPattern, 'study.json');
    return bounded((path) => parseByPattern(path, expression));
  }
  const shapes = new Set<string>();
  for (const path of paths) {
    const shape = path.length > MAX_PATH_LENGTH ? undefined : certainShape(path);
    if (shape !== undefined) shapes.add(shape);
  }
  return bounded((path) => parseGenericPath(path, shapes));
}

const DEFAULTS = { field: '1', z: '0', channel: '1' };

const bounded =
  (nameOf: NameOf): NameOf =>
  (path) =>
    path.length > MAX_PATH_LENGTH
      ? { ...DEFAULTS, reason: `the path is longer than ${MAX_PATH_LENGTH} characters` }
      : nameOf(path);

function parseByPattern(path: string, pattern: RegExp): ImageName {
  const groups = pattern.exec(path)?.groups;
  if (!groups) return { ...DEFAULTS, reason: 'the path does not match the study’s namingPattern' };
  const text = groups['well'] ?? `${rowLetters(groups['row'])}${groups['column'] ?? ''}`;
  const well = parseWell(text);
  const day = groups['day'] ? Number(groups['day']) : undefined;
  const takenAt = parseDate(groups['date']);
  return {
    field: withoutLeadingZeros(groups['field'] ?? DEFAULTS.field),
    z: withoutLeadingZeros(groups['z'] ?? DEFAULTS.z),
    channel: withoutLeadingZeros(groups['channel'] ?? DEFAULTS.channel).toLowerCase(),
    ...(well ? { well: wellName(well) } : { reason: `"${text}" is not a well` }),
    ...(day !== undefined && Number.isFinite(day) ? { day } : {}),
    ...(takenAt ? { takenAt } : {}),
  };
}

/** Rows may be letters or one-based numbers. */
function rowLetters(row: string | undefined): string {
  if (row === undefined || !/^\d+$/.test(row)) return row ?? '';
  const index = Number(row) - 1;
  return index >= 0 && index < 32 ? wellName({ row: index, column: 0 }).replace(/\d+$/, '') : row;
}

/** `20260302T101500`, `2026-03-02T10:15:00Z`, `20260302`, `2026-03-02_10-15-00`. */
function parseDate(text: string | undefined): string | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T_ -]?(\d{2})[:-]?(\d{2})[:-]?(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    text ?? '',
  );
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', offset = ''] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  return Number.isNaN(Date.parse(iso)) ? undefined : iso;
}
