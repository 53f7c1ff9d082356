/** ATP as a long table: `plate,well,day,atp_rlu`, and `study` where plates of two studies share a name. */
import { parseDecimal } from '../decimal.ts';
import { NotesError } from '../notes/notes-error.ts';
import { parseWell, wellName } from '../well.ts';
import { DELIMITERS, type Delimiter, type Row, rowsOf } from './rows.ts';
import { type AtpSignal, parseLight } from './signal.ts';
import { refuseThousands } from './thousands.ts';

const COLUMNS = ['plate', 'well', 'day', 'atp_rlu'] as const;
const REMEDY = `The columns are ${COLUMNS.join(',')}, and study where plates of two studies share a name.`;

/** @returns undefined when the file is no long table: its first row names no wells. @throws NotesError naming the row. */
export function parseLongTable(text: string, file: string): AtpSignal[] | undefined {
  for (const delimiter of DELIMITERS) {
    const [header, ...rows] = rowsOf(text, delimiter, file);
    const names = header?.cells.map((cell) => cell.toLowerCase()) ?? [];
    if (header && names.includes('well') && names.includes('plate')) return parseRows(rows, names, { file, delimiter });
  }
  return undefined;
}

function parseRows(
  rows: readonly Row[],
  names: readonly string[],
  { file, delimiter }: { file: string; delimiter: Delimiter },
): AtpSignal[] {
  const missing = COLUMNS.find((column) => !names.includes(column));
  if (missing) throw new NotesError(file, `has no column ${missing}`, REMEDY, 1);
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (twice !== undefined) throw new NotesError(file, `has two columns ${twice}`, 'Keep the one that counts.', 1);
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const signals = filled.flatMap((row) => parseRow(row, names, file, delimiter !== ','));
  const column = names.indexOf('atp_rlu');
  refuseThousands(
    filled.map(({ cells, line }) => ({ text: cells[column] ?? '', line })),
    file,
  );
  return signals;
}

function parseRow({ cells, line }: Row, names: readonly string[], file: string, commaIsDecimal: boolean): AtpSignal[] {
  if (cells.length > names.length)
    throw new NotesError(
      file,
      `has ${cells.length} cells under ${names.length} columns`,
      'Between commas, a number with a comma is two cells: write 1000 and 0.5, or separate by semicolons.',
      line,
    );
  const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
  const well = parseWell(cell('well'));
  if (!well) throw new NotesError(file, `"${cell('well')}" is not a well`, 'Write wells as A01 to AF48.', line);
  if (cell('plate') === '') throw new NotesError(file, 'names no plate', REMEDY, line);
  const day = parseDecimal(cell('day'), commaIsDecimal);
  if (day === undefined || day < 0)
    throw new NotesError(file, `"${cell('day')}" is not a day`, 'Give days after first dosing, such as 7.', line);
  const light = parseLight(cell('atp_rlu'), commaIsDecimal);
  if (light === null)
    throw new NotesError(
      file,
      `"${cell('atp_rlu')}" is not a luminometer's value`,
      'Give counts as a number, OVER for an overflow, or nothing for a well that was not read.',
      line,
    );
  if (light === undefined) return [];
  const study = cell('study') === '' ? undefined : cell('study');
  return [{ study, plate: cell('plate'), day, well: wellName(well), light, format: undefined, file, line }];
}
