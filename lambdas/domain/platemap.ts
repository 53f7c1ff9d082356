/** `platemap.csv`: what each well of a plate holds. Columns `well,compound,concentration_uM,role`. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { NotesError } from './notes-error.ts';
import type { Study } from './study.ts';
import { compareWells, parseWell, type Well, wellName } from './well.ts';

export const ROLES = ['treated', 'vehicle', 'untreated', 'blank'] as const;
export type Role = (typeof ROLES)[number];

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

/** Accepts a byte-order mark, semicolons as separators and decimal commas. @throws NotesError naming the row. */
export function parsePlateMap(csv: string, file: string): PlateMap {
  const rows = readRows(csv, file);
  const entries = new Map<string, PlateMapEntry>();
  for (const [index, row] of rows.entries()) {
    const entry = parseRow(row, file, index + 2);
    if (entries.has(entry.name)) {
      throw new NotesError(
        file,
        `well ${entry.name} stands twice`,
        'Keep one row a well; A1, a01 and A01 are the same well.',
        index + 2,
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

function readRows(csv: string, file: string): Record<string, string>[] {
  const text = csv.replace(/^\uFEFF/, '');
  const [header = ''] = text.split(/\r?\n/, 1);
  try {
    const rows: Record<string, string>[] = parse(text, {
      columns: (names: string[]) => names.map((name) => name.trim()),
      delimiter: header.includes(';') ? ';' : ',',
      trim: true,
      skip_empty_lines: true,
    });
    const missing = ['well', 'compound', 'concentration_uM'].find(
      (column) => !header.split(/[;,]/).some((name) => name.trim() === column),
    );
    if (missing) throw new NotesError(file, `has no column ${missing}`, `The columns are ${COLUMNS.join(',')}.`, 1);
    return rows;
  } catch (error) {
    if (error instanceof NotesError) throw error;
    throw new NotesError(
      file,
      `is not CSV (${error instanceof Error ? error.message : 'unreadable'})`,
      `Write it as ${COLUMNS.join(',')}.`,
    );
  }
}

function parseRow(row: Record<string, string>, file: string, line: number): PlateMapEntry {
  const well = parseWell(row['well'] ?? '');
  if (!well) throw new NotesError(file, `"${row['well'] ?? ''}" is not a well`, 'Write wells as A01 to AF48.', line);
  const roleText = (row['role'] ?? '').toLowerCase();
  const role = roleText === '' ? undefined : roleSchema.safeParse(roleText).data;
  if (roleText !== '' && !role)
    throw new NotesError(file, `"${roleText}" is not a role`, `Roles are ${ROLES.join(', ')}.`, line);
  const text = (row['concentration_uM'] ?? '').replace(',', '.');
  const concentration_uM = text === '' ? 0 : Number(text);
  if (!Number.isFinite(concentration_uM) || concentration_uM < 0) {
    throw new NotesError(
      file,
      `"${row['concentration_uM']}" is not a concentration`,
      'Give micromolar as a number, 0 or empty for controls.',
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
  if (role === 'treated' && (compound === '' || concentration_uM === 0)) {
    throw new NotesError(
      file,
      'a treated well needs a compound and a concentration above 0',
      'Fill both, or change the role.',
      line,
    );
  }
  return { well, name: wellName(well), compound, concentration_uM, role };
}
