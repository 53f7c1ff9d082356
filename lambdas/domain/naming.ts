/**
 * What an image's path below its plate says: well, field, plane, channel, day, time. The generic pattern knows the common
 * instruments' ways of writing a well; where two different wells could be meant, it says so instead of guessing.
 */
import { compileNamingPattern, MAX_PATH_LENGTH } from './naming-pattern.ts';
import { parseWell, wellName } from './well.ts';

export interface ImageName {
  /** `A01`; missing when the path names none or more than one. */
  well?: string;
  field: string;
  z: string;
  channel: string;
  /** Nominal imaging day. */
  day?: number;
  /** Acquisition time, ISO 8601 without offset when the name gives none. */
  takenAt?: string;
  /** Why there is no well. */
  reason?: string;
}

export function parseImagePath(path: string, namingPattern?: string): ImageName {
  if (path.length > MAX_PATH_LENGTH)
    return { ...DEFAULTS, reason: `the path is longer than ${MAX_PATH_LENGTH} characters` };
  return namingPattern === undefined ? parseGeneric(path) : parseByPattern(path, namingPattern);
}

const DEFAULTS = { field: '1', z: '0', channel: '1' };

function parseByPattern(path: string, pattern: string): ImageName {
  const groups = compileNamingPattern(pattern, 'study.json').exec(path)?.groups;
  if (!groups) return { ...DEFAULTS, reason: 'the path does not match the study’s namingPattern' };
  const text = groups['well'] ?? `${rowLetters(groups['row'])}${groups['column'] ?? ''}`;
  const well = parseWell(text);
  const day = groups['day'] === undefined ? undefined : Number(groups['day']);
  const takenAt = parseDate(groups['date']);
  return {
    field: groups['field'] ?? DEFAULTS.field,
    z: groups['z'] ?? DEFAULTS.z,
    channel: groups['channel'] ?? DEFAULTS.channel,
    ...(well ? { well: wellName(well) } : { reason: `"${text}" is not a well` }),
    ...(day !== undefined && Number.isFinite(day) ? { day } : {}),
    ...(takenAt ? { takenAt } : {}),
  };
}

/** Rows may be letters or one-based numbers (Harmony). */
function rowLetters(row: string | undefined): string {
  if (row === undefined || !/^\d+$/.test(row)) return row ?? '';
  const index = Number(row) - 1;
  return index >= 0 && index < 32 ? wellName({ row: index, column: 0 }).replace(/\d+$/, '') : row;
}

/** A GUID that ImageXpress writes behind the well, without a separator. */
const GUID = /[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}/i;
const HARMONY = /(?:^|[_-])r(?<row>\d{2})c(?<column>\d{2})f(?<field>\d{2})p(?<z>\d{2})/i;
/** A well between separators, or before a field such as `f00` or a GUID's place. */
const WELL = /(?:^|[^A-Za-z0-9])([A-P]|A[A-F]) ?-? ?(\d{1,2})(?=$|[^0-9A-Za-z]|f\d)/g;
const FIELD = /(?:^|[_-])(?:s|site|fld|field|f)_?(\d{1,3})(?![0-9A-Za-z])|[A-P]\d{2}f(\d{2})d/i;
const PLANE = /(?:^|[_-])z(?:step)?_?(\d{1,3})(?![0-9A-Za-z])/i;
const CHANNEL = /(?:^|[_-])(?:w|ch|c)_?(\d{1,2})(?![0-9A-Za-z])/i;
const DAY = /(?:^|[/_\s-])(?:day|d)[_ -]?(\d{1,3})(?=$|[/_\s.-])/i;
const DAY_IN_NAME = /(?:^|[_-])day[_ -]?(\d{1,3})(?=$|[_\s.-])/i;
/** `D00_A2_113992`: day, well, plane. */
const DAY_BEFORE_WELL = /^D(\d{2})_[A-P]\d/i;
const ELAPSED = /(\d{2})d(\d{2})h(\d{2})m/;
const CLOCK = /(\d{4})y(\d{2})m(\d{2})d_(\d{2})h(\d{2})m/;

function parseGeneric(path: string): ImageName {
  const bare = path.replace(/\.[A-Za-z]+$/, '').replace(GUID, '');
  const name = bare.slice(bare.lastIndexOf('/') + 1);
  const harmony = HARMONY.exec(name)?.groups;
  const found = harmony ? parseWell(`${rowLetters(harmony['row'])}${harmony['column'] ?? ''}`) : undefined;
  const wells = found ? [wellName(found)] : wellsIn(name);
  const [well] = wells;
  const day = dayIn(bare);
  const takenAt = clockIn(name);
  return {
    field: harmony?.['field'] ?? firstGroup(FIELD.exec(name)) ?? incucyteField(name) ?? DEFAULTS.field,
    z: harmony?.['z'] ?? firstGroup(PLANE.exec(name)) ?? DEFAULTS.z,
    channel: firstGroup(CHANNEL.exec(name)) ?? DEFAULTS.channel,
    ...(well && wells.length === 1 ? { well } : { reason: noWell(wells) }),
    ...(day === undefined ? {} : { day }),
    ...(takenAt ? { takenAt } : {}),
  };
}

/** `P2_08_A06` and `D07_B03` begin with a plate or a day that looks like a well; it is one only when nothing else is. */
const PLATE_OR_DAY_PREFIX = /^[PD]\d/;

function wellsIn(name: string): string[] {
  const found = [...name.matchAll(WELL)].flatMap((match) => {
    const well = parseWell(`${match[1] ?? ''}${match[2] ?? ''}`);
    return well ? [{ well: wellName(well), prefix: match.index === 0 && PLATE_OR_DAY_PREFIX.test(name) }] : [];
  });
  const wells = new Set(found.map(({ well }) => well));
  if (wells.size < 2) return [...wells];
  return [...new Set(found.filter(({ prefix }) => !prefix).map(({ well }) => well))];
}

const noWell = (wells: readonly string[]): string =>
  wells.length === 0
    ? 'the path names no well: set namingPattern in study.json'
    : `the path could mean the wells ${wells.join(' and ')}: set namingPattern in study.json`;

/** `VID9955_Phase_C4_1_00d00h10m`: the number behind the well is the image's. */
const incucyteField = (name: string): string | undefined => /_[A-P]\d{1,2}_(\d{1,2})(?=_|$)/.exec(name)?.[1];

function dayIn(path: string): number | undefined {
  const elapsed = CLOCK.test(path) ? null : ELAPSED.exec(path);
  if (elapsed) return Math.round(Number(elapsed[1]) + Number(elapsed[2]) / 24);
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  const inFolder = folders.map((folder) => firstGroup(DAY.exec(folder))).findLast((day) => day !== undefined);
  const text = inFolder ?? firstGroup(DAY_IN_NAME.exec(name)) ?? firstGroup(DAY_BEFORE_WELL.exec(name));
  return text === undefined ? undefined : Number(text);
}

function clockIn(name: string): string | undefined {
  const match = CLOCK.exec(name);
  if (!match) return undefined;
  const [, year, month, day, hour, minute] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:00`;
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

const firstGroup = (match: RegExpExecArray | null): string | undefined =>
  match?.slice(1).find((group) => group !== undefined);
