/**
 * `exclusions.csv` of a study: wells that a person took out of scoring, or put back. A log: of the rows that speak of a well and day
 * the last one counts, so that nothing that was decided is ever deleted.
 */
import { parse } from 'csv-parse/sync';
import { NotesError } from './notes-error.ts';
import { parseWell, wellName } from './well.ts';

export const EXCLUSION_COLUMNS = ['plate', 'well', 'day', 'action', 'name', 'reason', 'at'] as const;

export interface Exclusion {
  plate: string;
  /** `A01`. */
  well: string;
  /** Undefined = every day. */
  day?: number;
  action: 'exclude' | 'include';
  /** Who decided. */
  name: string;
  reason: string;
  /** When, as the file says it; may be empty where it was written by hand. */
  at: string;
}

/** @throws NotesError naming the row. */
export function parseExclusions(csv: string, file: string): Exclusion[] {
  const [header = ''] = csv.split('\n', 1);
  return readRows(csv, header.includes(';') ? ';' : ',', file).map((row, index) => parseRow(row, file, index + 2));
}

function readRows(csv: string, delimiter: string, file: string): Record<string, string>[] {
  const remedy = `Its columns are ${EXCLUSION_COLUMNS.join(',')}; texts with commas stand in quotes.`;
  let rows: Record<string, string>[];
  try {
    rows = parse(csv, { columns: true, bom: true, trim: true, skip_empty_lines: true, delimiter });
  } catch (error) {
    throw new NotesError(file, `is not CSV (${error instanceof Error ? error.message : 'unreadable'})`, remedy);
  }
  const [first] = rows;
  const missing = EXCLUSION_COLUMNS.slice(0, 2).find((column) => first && !(column in first));
  if (missing) throw new NotesError(file, `has no column ${missing}`, remedy, 1);
  return rows;
}

function parseRow(row: Record<string, string>, file: string, line: number): Exclusion {
  const fail = (reason: string, remedy: string): never => {
    throw new NotesError(file, reason, remedy, line);
  };
  const address =
    parseWell(row['well'] ?? '') ?? fail(`"${row['well'] ?? ''}" is not a well`, 'Write wells as A01 to AF48.');
  const dayText = row['day'] ?? '';
  const day = Number(dayText);
  if (dayText !== '' && !(day >= 0))
    fail(`"${dayText}" is not a day`, 'Give a number such as 7, or nothing for every day.');
  const action = (row['action'] ?? '').toLowerCase() || 'exclude';
  if (action !== 'exclude' && action !== 'include')
    return fail(`"${action}" is not an action`, 'Write exclude or include.');
  const [plate = '', name = '', reason = ''] = [row['plate'], row['name'], row['reason']];
  if (plate === '') fail('names no plate', 'Give the name of the plate’s folder.');
  if (name === '' || reason === '')
    fail(
      `says no ${name === '' ? 'name' : 'reason'}`,
      'Write who decided it, and why: without both nothing is left out.',
    );
  return {
    plate,
    well: wellName(address),
    ...(dayText === '' ? {} : { day }),
    action,
    name,
    reason,
    at: row['at'] ?? '',
  };
}

/** Wells of a plate read that a person took out, with what the provenance says of it. */
export function excludedOn(exclusions: readonly Exclusion[], plate: string, day: number): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const exclusion of exclusions) {
    if (exclusion.plate !== plate || (exclusion.day !== undefined && exclusion.day !== day)) continue;
    const { well, action, name, reason, at } = exclusion;
    if (action === 'include') reasons.delete(well);
    else reasons.set(well, `excluded by ${name}${at === '' ? '' : ` (${at})`}: ${reason}`);
  }
  return reasons;
}
