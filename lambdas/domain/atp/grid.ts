/**
 * ATP as luminometers export it: blocks of rows A, B, … under columns 1, 2, …, with whatever the instrument writes around
 * them. Tolerant of that, strict about the block: a row or column too few would shift every value behind it.
 */
import { NotesError } from '../notes/notes-error.ts';
import { PLATE_FORMATS, wellName } from '../well.ts';
import { nearText } from './place.ts';
import { DELIMITERS, type Delimiter, type Row, rowsOf } from './rows.ts';
import { type AtpSignal, parseLight } from './signal.ts';
import { refuseThousands } from './thousands.ts';

export interface GridHints {
  /** Plate and day that the person at the keyboard gives for the file. */
  plate?: string | undefined;
  day?: number | undefined;
  /** Plates of the exports: an instrument's own "Plate: 1" is no name of ours. */
  knownPlates: ReadonlySet<string>;
}

/** Lines of a preamble that say what a block is of. */
const STATED = /^(study|plate(?: ?(?:name|id|barcode))?|barcode|day)\s*(?:[:=]\s*(.*))?$/i;
const DAY = /^(?:d(?:ay)?[ _-]?)?(\d{1,3})$/i;
/** `SIM-01_day7.csv`, `SIM-01 d7 ATP.txt`; the whole word first, for `d1` may be a donor. */
const IN_FILE_NAME = [/^(?:(.*?)[ _-]+)?day[ _-]?(\d{1,3})(?=$|[ _.-])/i, /^(?:(.*?)[ _-]+)?d(\d{1,3})(?=$|[ _.-])/i];

interface Block {
  plate: string | undefined;
  day: number | undefined;
  study: string | undefined;
  header: Row;
  rows: Row[];
  /** Cell of column 1. */
  from: number;
  columns: number;
}

/** @throws NotesError naming the line, when there is no whole block or it is not known of which plate and day it is. */
export function parseGrids(text: string, file: string, hints: GridHints): AtpSignal[] {
  for (const delimiter of DELIMITERS) {
    const blocks = blocksOf(rowsOf(text, delimiter, file), file);
    if (blocks.length === 0) continue;
    const signals = blocks.flatMap((block) => signalsOf(block, blocks.length, { file, delimiter, hints }));
    refuseThousands(blocks.flatMap(valuesOf), file);
    return signals;
  }
  throw new NotesError(
    file,
    'holds no ATP values that are understood',
    'Give plate,well,day,atp_rlu with these names in the first row, or a block of rows A, B, … under columns 1, 2, … to 12 or 24.',
  );
}

const valuesOf = ({ rows, from, columns }: Block): { text: string; line: number }[] =>
  rows.flatMap(({ cells, line }) => cells.slice(from, from + columns).map((text) => ({ text, line })));

function blocksOf(rows: readonly Row[], file: string): Block[] {
  const blocks: Block[] = [];
  let stated: Pick<Block, 'plate' | 'day' | 'study'> = { plate: undefined, day: undefined, study: undefined };
  for (let i = 0; i < rows.length; i += 1) {
    const header = rows[i];
    if (!header) break;
    const run = columnRun(header.cells);
    if (!run) {
      stated = { ...stated, ...statementIn(header, file) };
      continue;
    }
    const format = PLATE_FORMATS.find(({ columns }) => columns === run.columns);
    if (!format)
      throw new NotesError(
        file,
        `a block has ${run.columns} columns, and no plate has`,
        'Export the whole plate; leave wells that were not read empty.',
        header.line,
      );
    const body = rows.slice(i + 1, i + 1 + format.rows);
    blocks.push({ ...stated, header, rows: body, ...run });
    // A plate belongs to one block; the day and the study may stand once for several.
    stated = { ...stated, plate: undefined };
    i += format.rows;
  }
  return blocks;
}

/** `1 2 3 … 12` behind anything, such as Tecan's `<>`; what follows must not be a further number. */
function columnRun(cells: readonly string[]): { from: number; columns: number } | undefined {
  // `01` and a spreadsheet's `1.0` are columns too.
  const isColumn = (i: number, column: number): boolean =>
    /^\d+(\.0)?$/.test(cells[i] ?? '') && Number(cells[i]) === column;
  const first = cells.findIndex((_, i) => isColumn(i, 1) && isColumn(i + 1, 2) && isColumn(i + 2, 3));
  if (first < 0) return undefined;
  let columns = 3;
  while (isColumn(first + columns, columns + 1)) columns += 1;
  if (cells.slice(first + columns).some((cell) => cell !== '')) return undefined;
  // R leaves the corner of a table out.
  return { from: Math.max(1, first), columns };
}

function statementIn({ cells, line }: Row, file: string): Partial<Block> {
  const [, key, rest] = STATED.exec(cells[0] ?? '') ?? [];
  const value = rest === undefined || rest === '' ? cells[1] : rest;
  if (key === undefined || value === undefined || value === '') return {};
  if (/study/i.test(key)) return { study: value };
  if (!/day/i.test(key)) return { plate: value };
  const day = DAY.exec(value)?.[1];
  if (day === undefined) throw new NotesError(file, `"${value}" is not a day`, 'Write it as Day: 7.', line);
  return { day: Number(day) };
}

interface BlockContext {
  file: string;
  delimiter: Delimiter;
  hints: GridHints;
}

function signalsOf(block: Block, blocksInFile: number, { file, delimiter, hints }: BlockContext): AtpSignal[] {
  const place = placeOf(block, blocksInFile, file, hints);
  const { columns, from } = block;
  const rows = PLATE_FORMATS.find((format) => format.columns === columns)?.rows ?? 0;
  const format = { rows, columns };
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) => {
    const letters = wellName({ row, column: 0 }).replace(/\d+$/, '');
    const found = block.rows[row];
    if (!found || found.cells[from - 1]?.toUpperCase() !== letters)
      throw new NotesError(
        file,
        `row ${letters} of the ${rows} × ${columns} block is not where it must be`,
        'Export the whole plate, one row a letter, and leave wells that were not read empty.',
        found?.line ?? block.header.line,
      );
    const { cells, line } = found;
    // Gen5 names the measurement behind each row; a number there means that the row is longer than its header.
    if (cells.slice(from + columns).some((cell) => cell !== '' && typeof parseLight(cell, true) === 'number'))
      throw new NotesError(file, `row ${letters} has more values than the header has columns`, SPLIT_NUMBERS, line);
    if (cells.length < from + columns)
      throw new NotesError(
        file,
        `row ${letters} has ${cells.length - from} values under ${columns} columns`,
        'Leave the cells of wells that were not read empty, but leave them there.',
        line,
      );
    return cells.slice(from, from + columns).flatMap((cell, column): AtpSignal[] => {
      const well = wellName({ row, column });
      const light = parseLight(cell, delimiter !== ',');
      if (light === null)
        throw new NotesError(file, `"${cell}" in well ${well} is not a luminometer's value`, SPLIT_NUMBERS, line);
      return light === undefined ? [] : [{ ...place, well, light, format, file, line }];
    });
  });
}

const SPLIT_NUMBERS =
  'Give counts as 1000 or 0.5, OVER for an overflow, nothing for a well that was not read; decimal commas need semicolons or tabs between cells.';

/** An instrument's own count of its plates. */
const BARE_NUMBER = /^\d+$/;

/** Of which plate and day: all that is said must agree. A file's name, or a bare number above a block, may name no plate. */
function placeOf(
  { plate, day, study, header }: Block,
  blocksInFile: number,
  file: string,
  hints: GridHints,
): Pick<AtpSignal, 'plate' | 'day' | 'study'> {
  const bare = (file.split('/').at(-1) ?? file).replace(/\.[a-z0-9]+$/i, '');
  const [, plateInName, dayInName] = IN_FILE_NAME.map((form) => form.exec(bare)).find((match) => match !== null) ?? [];
  const alone = blocksInFile === 1;
  const isKnown = (name: string | undefined): boolean => name !== undefined && hints.knownPlates.has(name);
  const inName = alone ? [plateInName, bare].filter(isKnown) : [];
  if (plate !== undefined && !isKnown(plate) && !BARE_NUMBER.test(plate))
    throw new NotesError(
      file,
      `states plate ${plate}, and no export is called so`,
      `${nearText(plate, [...hints.knownPlates])} Take the line out where it is the instrument's own name.`,
      header.line,
    );
  const known = [...new Set([...[plate].filter(isKnown), hints.plate, ...inName].flatMap((name) => name ?? []))];
  const days = [
    ...new Set([day, hints.day, dayInName === undefined ? undefined : Number(dayInName)].flatMap((d) => d ?? [])),
  ];
  const contradiction = [known, days].find((values) => values.length > 1);
  if (contradiction)
    throw new NotesError(
      file,
      `the block may be of ${contradiction.join(' or ')}: its lines, the file's name and the options do not agree`,
      'Make them say the same, so that no value lands on another plate.',
      header.line,
    );
  // A name that no export has is kept: the join names it with near ones.
  const name = known[0] ?? plate ?? (alone ? plateInName : undefined);
  const [onDay] = days;
  if (name === undefined || onDay === undefined)
    throw new NotesError(
      file,
      `does not say of which ${name === undefined ? 'plate' : 'day'} the block is`,
      alone
        ? 'Write lines such as "Plate: P1" and "Day: 7" above it, name the file P1_day7.csv, or give --plate and --day.'
        : 'A file with several blocks needs a line "Plate: P1" above each, and "Day: 7".',
      header.line,
    );
  return { plate: name, day: onDay, study };
}
