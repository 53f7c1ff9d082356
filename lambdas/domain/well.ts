/** Wells by address: `A1`, `a01` and `A01` are one well. Rows beyond Z are AA to AF, as on 1536-well plates. */

/** Zero-based row and column. */
export interface Well {
  row: number;
  column: number;
}

export interface PlateFormat {
  wells: number;
  rows: number;
  columns: number;
}

/** ANSI/SLAS microplate formats, smallest first. */
export const PLATE_FORMATS: readonly PlateFormat[] = [
  { wells: 6, rows: 2, columns: 3 },
  { wells: 12, rows: 3, columns: 4 },
  { wells: 24, rows: 4, columns: 6 },
  { wells: 48, rows: 6, columns: 8 },
  { wells: 96, rows: 8, columns: 12 },
  { wells: 384, rows: 16, columns: 24 },
  { wells: 1536, rows: 32, columns: 48 },
];

const LARGEST = { rows: 32, columns: 48 };
const ADDRESS = /^([A-Z]{1,2})0*([1-9]\d?)$/;

/** @returns undefined when the text is no address on any format. */
export function parseWell(text: string): Well | undefined {
  const match = ADDRESS.exec(text.trim().toUpperCase());
  if (!match) return undefined;
  const [, letters = '', digits = ''] = match;
  const row =
    letters.length === 1 ? letterIndex(letters) : 26 * (letterIndex(letters) + 1) + letterIndex(letters.slice(1));
  const column = Number(digits) - 1;
  return row < LARGEST.rows && column < LARGEST.columns ? { row, column } : undefined;
}

/** @returns `A01` to `AF48`. */
export function wellName({ row, column }: Well): string {
  const letters = row < 26 ? letter(row) : `${letter(Math.floor(row / 26) - 1)}${letter(row % 26)}`;
  return `${letters}${String(column + 1).padStart(2, '0')}`;
}

/** Reading order: by row, then by column. */
export const compareWells = (a: Well, b: Well): number => a.row - b.row || a.column - b.column;

/** The smallest standard plate that holds all the wells. */
export function smallestFormatFor(wells: readonly Well[]): PlateFormat {
  const fits = (format: PlateFormat): boolean =>
    wells.every((well) => well.row < format.rows && well.column < format.columns);
  const format = PLATE_FORMATS.find(fits);
  if (!format) throw new RangeError('a well lies outside a 1536-well plate');
  return format;
}

const letterIndex = (text: string): number => text.charCodeAt(0) - 65;
const letter = (index: number): string => String.fromCharCode(65 + index);
