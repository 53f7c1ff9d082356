/** ATP files: a long table or a luminometer's blocks, told apart by their first row. */
import { NotesError } from '../notes/notes-error.ts';
import { type GridHints, parseGrids } from './grid.ts';
import { parseLongTable } from './long-table.ts';
import type { AtpSignal } from './signal.ts';

/** @throws NotesError naming file and line, with the remedy. */
export function parseAtpFile(content: Uint8Array | string, file: string, hints: GridHints): AtpSignal[] {
  const text = typeof content === 'string' ? content : decoded(content);
  if (text.startsWith('PK\u0003\u0004') || text.startsWith('\uFFFD\uFFFD\u0011'))
    throw new NotesError(file, 'is a spreadsheet program’s own file', 'Save the sheet as CSV.');
  return parseLongTable(text, file) ?? parseGrids(text, file, hints);
}

/** Some instruments write UTF-16, with its mark in front. */
function decoded(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
