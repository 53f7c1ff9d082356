/** ATP files: a long table or a luminometer's blocks, told apart by their first row. */
import { type GridHints, parseGrids } from './grid.ts';
import { parseLongTable } from './long-table.ts';
import type { AtpSignal } from './signal.ts';

/** @throws NotesError naming file and line, with the remedy. */
export const parseAtpFile = (text: string, file: string, hints: GridHints): AtpSignal[] =>
  parseLongTable(text, file) ?? parseGrids(text, file, hints);
