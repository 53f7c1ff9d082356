/** Which part of a file name is its well, and how sure that is. */

import { parseWell, wellName } from '../well.ts';
import { type BareName, bareName } from './name-parts.ts';

/** A part of a name that is written like a well. */
export interface WellToken {
  /** `A01`. */
  well: string;
  start: number;
  end: number;
  /** False where a plate (`P1`), a day (`D7`), a time point or a site (`T1`, `S1`) is written the same way. */
  certain: boolean;
}

/** Opera Phenix and Operetta (Harmony): rows and columns as numbers. */
export const HARMONY =
  /(?:^|[_-])r(?<row>\d{2})c(?<column>\d{2})f(?<field>\d{2,3})p(?<z>\d{2,3})(?:-ch(?<channel>\d{1,2}))?/i;

/** A well between separators, or before a field such as `f00`. */
const WELL = /(?<![A-Za-z0-9])([A-Z]|A[A-F]) ?-? ?(\d{1,2})(?=$|[^0-9A-Za-z]|f\d)/g;
/** Only an instrument writes so behind a well: `_02_1_1_`, `f00d0`, `_x0_y0`, `_s1_w1`. */
const INSTRUMENT = /^(?:(?:_\d{1,3}){3}_|f\d{2}d\d|_x\d{1,3}_y\d|_s\d{1,3}_w\d)/;
/** Incucyte: the image's number. */
const NUMBER = /^_\d{1,3}(?=_|$)/;

/** The part that is the well; its reason when there is none, or it could be another. */
export type FoundWell = { token: WellToken } | { reason: string };

/** @param proven shapes of sibling names whose well is certain, see {@link certainShape}. */
export function wellOf(bare: BareName, proven: ReadonlySet<string>): FoundWell {
  const tokens = wellTokens(bare);
  const certain = tokens.filter((token) => token.certain);
  if (certain.length > 0) return theOnly(certain);
  const likely = tokens.filter((token) => proven.has(shapeOf(bare.name, token)));
  if (likely.length > 0) return theOnly(likely);
  if (tokens.length === 0) return { reason: 'the path names no well: set namingPattern in study.json' };
  const wells = [...new Set(tokens.map(({ well }) => well))].join(' or ');
  return { reason: `${wells} may be a well, or a plate, day, time or site: set namingPattern in study.json` };
}

/** The form of a name around its well, digits left open; undefined unless one well is certain. */
export function certainShape(path: string): string | undefined {
  const bare = bareName(path);
  const found = wellOf(bare, NONE);
  return 'token' in found ? shapeOf(bare.name, found.token) : undefined;
}

const NONE: ReadonlySet<string> = new Set();

const shapeOf = (name: string, { start, end }: WellToken): string =>
  `${name.slice(0, start)}<well>${name.slice(end)}`.replace(/\d+/g, '#');

function theOnly(tokens: readonly WellToken[]): FoundWell {
  const [token] = tokens;
  const wells = new Set(tokens.map(({ well }) => well));
  if (token && wells.size === 1) return { token };
  return { reason: `the path could mean the wells ${[...wells].join(' and ')}: set namingPattern in study.json` };
}

function wellTokens(bare: BareName): WellToken[] {
  const harmony = harmonyToken(bare.name);
  if (harmony) return [harmony];
  return [...bare.name.matchAll(WELL)].flatMap((match) => {
    const well = parseWell(`${match[1]}${match[2]}`);
    const end = match.index + match[0].length;
    return well ? [{ well: wellName(well), start: match.index, end, certain: isCertain(bare, match.index, end) }] : [];
  });
}

/** Rows Q to Z exist on 1536-well plates only, where `S1`, `T1` and `Z1` are common for site, time and plane. */
function isCertain({ name, hasGuid }: BareName, start: number, end: number): boolean {
  const text = name.slice(start, end);
  const after = name.slice(end);
  if (/^[Q-Z]/.test(text)) return false;
  if (!/^[DP]/.test(text)) return true;
  if (INSTRUMENT.test(after) || (hasGuid && after === '')) return true;
  return start > 0 && (/\d\d$/.test(text) || NUMBER.test(after));
}

function harmonyToken(name: string): WellToken | undefined {
  const match = HARMONY.exec(name);
  if (!match) return undefined;
  const row = Number(match.groups?.['row']) - 1;
  const column = Number(match.groups?.['column']) - 1;
  if (row < 0 || row >= 32 || column < 0 || column >= 48) return undefined;
  return { well: wellName({ row, column }), start: match.index, end: match.index + match[0].length, certain: true };
}
