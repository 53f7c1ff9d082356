/** Cells of a text file with the line that each row stands on; what the two forms of ATP files have in common. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { NotesError } from '../notes/notes-error.ts';

export interface Row {
  cells: string[];
  /** Of the file, from 1. */
  line: number;
}

/** First that which stands in no number. */
export const DELIMITERS = ['\t', ';', ','] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** With `info`, which the parser's types do not know of rows without names. */
const parsed = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/** @throws NotesError when quotes do not close */
export function rowsOf(text: string, delimiter: Delimiter, file: string): Row[] {
  try {
    const found: unknown = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    return parsed.parse(found).map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    throw new NotesError(
      file,
      `is no table (${error instanceof Error ? error.message : 'unreadable'})`,
      'Save it as text with commas, semicolons or tabs between the cells.',
    );
  }
}
