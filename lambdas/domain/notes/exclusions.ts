/**
 * `exclusions.csv` of a study: wells that a person took out of scoring, or put back. A log: of the rows that speak of a well and day
 * the last one counts, so that nothing that was decided is ever deleted.
 */
import { parse } from 'csv-parse/sync';
import { parseWell, wellName } from '../well.ts';
import { NotesError } from './notes-error.ts';

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

/** @throws NotesError naming the first row that cannot be read. */
export function parseExclusions(csv: string, file: string): Exclusion[] {
  const { exclusions, errors } = readExclusions(csv, file);
  const [first] = errors;
  if (first) throw first;
  return exclusions;
}

export interface ReadExclusions {
  exclusions: Exclusion[];
  /** Rows that cannot be read; the others stand. */
  errors: NotesError[];
}

/** @throws NotesError where no row can be read. */
export function readExclusions(csv: string, file: string): ReadExclusions {
  const { rows, errors } = readRows(csv, file);
  const exclusions: Exclusion[] = [];
  for (const { record, info } of rows) {
    try {
      exclusions.push(parseRow(record, file, info.lines));
    } catch (error) {
      if (!(error instanceof NotesError)) throw error;
      errors.push(error);
    }
  }
  return { exclusions, errors: errors.sort((a, b) => (a.row ?? 0) - (b.row ?? 0)) };
}

interface Row {
  record: Record<string, string>;
  info: { lines: number };
}

/** A row of another length is left aside; an open quote swallows the rows after it, so that nothing is left to trust. */
function readRows(csv: string, file: string): { rows: Row[]; errors: NotesError[] } {
  const remedy = `Its columns are ${EXCLUSION_COLUMNS.join(',')}; texts with commas stand in quotes.`;
  const notCsv = (error: unknown, row?: number): NotesError =>
    new NotesError(file, `is not CSV (${error instanceof Error ? error.message : 'unreadable'})`, remedy, row);
  const [header = ''] = csv.split('\n', 1);
  const errors: NotesError[] = [];
  let columns: string[] = [];
  try {
    const rows: Row[] = parse(csv, {
      columns: (names: string[]) => {
        columns = names;
        return names;
      },
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter: header.includes(';') ? ';' : ',',
      info: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        if (error?.code !== 'CSV_RECORD_INCONSISTENT_COLUMNS') throw error ?? new Error('unreadable');
        errors.push(notCsv(error, Number(error['lines'])));
        return undefined;
      },
    });
    const missing = EXCLUSION_COLUMNS.slice(0, 2).find((column) => columns.length > 0 && !columns.includes(column));
    if (missing) throw new NotesError(file, `has no column ${missing}`, remedy, 1);
    return { rows, errors };
  } catch (error) {
    throw error instanceof NotesError ? error : notCsv(error);
  }
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
export const excludedOn = (exclusions: readonly Exclusion[], plate: string, day: number): Map<string, string> =>
  new Map(
    [...lastWords(exclusions, plate, day)]
      .filter(([, { action }]) => action === 'exclude')
      .map(([well, { name, reason, at }]) => [well, `excluded by ${name}${at === '' ? '' : ` (${at})`}: ${reason}`]),
  );

/** Wells that count by a person's word, whatever the pipeline would leave them out for. */
export const includedOn = (exclusions: readonly Exclusion[], plate: string, day: number): Set<string> =>
  new Set([...lastWords(exclusions, plate, day)].flatMap(([well, { action }]) => (action === 'include' ? [well] : [])));

/** The last row about each well of a plate read. */
const lastWords = (exclusions: readonly Exclusion[], plate: string, day: number): Map<string, Exclusion> =>
  new Map(
    exclusions
      .filter((exclusion) => exclusion.plate === plate && (exclusion.day === undefined || exclusion.day === day))
      .map((exclusion) => [exclusion.well, exclusion]),
  );
