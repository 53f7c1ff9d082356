/** `platemap.csv`: what each well of a plate holds. Columns `well,compound,concentration_uM,role`. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parseDecimal } from '../decimal.ts';
import { compareWells, parseWell, type Well, wellName } from '../well.ts';
import { NotesError } from './notes-error.ts';
import type { Study } from './study.ts';

export const ROLES = ['treated', 'reference', 'vehicle', 'untreated', 'blank'] as const;
export type Role = (typeof ROLES)[number];

/** Holds a compound that is scored: under test, or of the reference panel. */
export const isDosed = (role: Role): boolean => role === 'treated' || role === 'reference';

export interface PlateMapEntry {
  well: Well;
  /** `A01`. */
  name: string;
  compound: string;
  /** 0 for controls. */
  concentration_uM: number;
  /** Undefined when the map leaves it to the control names of study.json. */
  role: Role | undefined;
}

/** Wells by name, in reading order. */
export interface PlateMap {
  wells: ReadonlyMap<string, PlateMapEntry>;
}

const roleSchema = z.enum(ROLES);
/** Names are part of keys, which end at 1024 bytes. */
const LONGEST_NAME = 200;
const COLUMNS = ['well', 'compound', 'concentration_uM', 'role'] as const;

/**
 * Accepts a byte-order mark, quotes, and semicolons or tabs as separators, with which a comma is a decimal comma.
 * @throws NotesError naming the row.
 */
export function parsePlateMap(csv: string, file: string): PlateMap {
  const { rows, commaIsDecimal } = readRows(csv, file);
  const entries = new Map<string, PlateMapEntry>();
  for (const { record, line } of rows) {
    const entry = parseRow(record, { file, line, commaIsDecimal });
    if (entries.has(entry.name)) {
      throw new NotesError(
        file,
        `well ${entry.name} stands twice`,
        'Keep one row a well; A1, a01 and A01 are the same well.',
        line,
      );
    }
    entries.set(entry.name, entry);
  }
  if (entries.size === 0) throw new NotesError(file, 'holds no wells', `Give one row a well: ${COLUMNS.join(',')}.`);
  return { wells: new Map([...entries].sort(([, a], [, b]) => compareWells(a.well, b.well))) };
}

/** The map's own role wins; else the control names of the study; else the well is treated. */
export function roleOf(entry: PlateMapEntry, study: Study | undefined): Role {
  if (entry.role) return entry.role;
  const compound = entry.compound.toLowerCase();
  const isOneOf = (names: readonly string[]): boolean => names.some((name) => name.toLowerCase() === compound);
  if (isOneOf(study?.vehicleControls ?? [])) return 'vehicle';
  if (isOneOf(study?.untreatedControls ?? [])) return 'untreated';
  return compound === '' ? 'blank' : 'treated';
}

interface MapRow {
  record: Record<string, string>;
  /** Line of the file at which the row ends; the header's is 1. */
  line: number;
}

/** First that which cannot be meant otherwise: with commas between columns, a semicolon may stand in a name. */
const DELIMITERS = [',', ';', '\t'] as const;
const COMMON = { bom: true, trim: true, skip_empty_lines: true, skip_records_with_empty_values: true } as const;

function readRows(csv: string, file: string): { rows: MapRow[]; commaIsDecimal: boolean } {
  try {
    const headers = DELIMITERS.map((delimiter) => ({ delimiter, names: headerOf(csv, delimiter) }));
    const { delimiter, names } = headers.find((header) => header.names.includes('well')) ?? {
      delimiter: ',',
      names: [],
    };
    const missing = COLUMNS.slice(0, 3).find((column) => !names.includes(column));
    if (missing) throw new NotesError(file, `has no column ${missing}`, `The columns are ${COLUMNS.join(',')}.`, 1);
    const found: { record: Record<string, string>; info: { lines: number } }[] = parse(csv, {
      ...COMMON,
      columns: true,
      delimiter,
      info: true,
    });
    const rows = found.map(({ record, info }) => ({ record, line: info.lines }));
    return { rows, commaIsDecimal: delimiter !== ',' };
  } catch (error) {
    if (error instanceof NotesError) throw error;
    throw new NotesError(
      file,
      `is not CSV (${error instanceof Error ? error.message : 'unreadable'})`,
      `Write it as ${COLUMNS.join(',')}.`,
    );
  }
}

/** Column names as the parser reads them, quotes and all; none when the header cannot be separated so. */
function headerOf(csv: string, delimiter: string): string[] {
  try {
    const [header]: string[][] = parse(csv, { ...COMMON, delimiter, to: 1 });
    return header ?? [];
  } catch {
    return [];
  }
}

interface RowContext {
  file: string;
  line: number;
  commaIsDecimal: boolean;
}

function parseRow(row: Record<string, string>, { file, line, commaIsDecimal }: RowContext): PlateMapEntry {
  const well = parseWell(row['well'] ?? '');
  if (!well) throw new NotesError(file, `"${row['well'] ?? ''}" is not a well`, 'Write wells as A01 to AF48.', line);
  const roleText = (row['role'] ?? '').toLowerCase();
  const role = roleText === '' ? undefined : roleSchema.safeParse(roleText).data;
  if (roleText !== '' && !role)
    throw new NotesError(file, `"${roleText}" is not a role`, `Roles are ${ROLES.join(', ')}.`, line);
  const text = row['concentration_uM'] ?? '';
  const concentration_uM = text === '' ? 0 : parseDecimal(text, commaIsDecimal);
  if (concentration_uM === undefined || concentration_uM < 0) {
    throw new NotesError(
      file,
      `"${text}" is not a concentration`,
      text.includes(',')
        ? 'A comma may mean thousands or decimals: write 1000 or 0.5, or separate the columns by semicolons and keep decimal commas.'
        : 'Give micromolar as a number such as 0.5, 0 or empty for controls.',
      line,
    );
  }
  const compound = row['compound'] ?? '';
  if (compound.length > LONGEST_NAME) {
    throw new NotesError(
      file,
      `the compound's name has ${compound.length} characters`,
      `Keep names to ${LONGEST_NAME}; synonyms and structures belong elsewhere.`,
      line,
    );
  }
  if (role !== undefined && isDosed(role) && (compound === '' || concentration_uM === 0)) {
    throw new NotesError(
      file,
      'a treated well needs a compound and a concentration above 0',
      'Fill both, or change the role.',
      line,
    );
  }
  return { well, name: wellName(well), compound, concentration_uM, role };
}
