/** `845,210` is 845 thousand to one spreadsheet and 845.21 to another: a file that leaves that open is refused. */
import { NotesError } from '../notes/notes-error.ts';

interface WrittenValue {
  /** The cell as it stands in the file. */
  text: string;
  line: number;
}

const MARKS = { ',': 'comma', '.': 'point' } as const;
/** `0,500` and `1234.567` can only be decimals. */
const MAYBE_THOUSANDS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;
const NUMBER = /^[+-]?\d*[.,]?\d*(?:e[+-]?\d+)?$/i;

/**
 * One value that can only be a decimal shows how the whole file writes its numbers: instruments write all of them alike.
 *
 * @param values of one file
 * @throws NotesError where every comma, or every point, could divide thousands
 */
export function refuseThousands(values: readonly WrittenValue[], file: string): void {
  for (const [mark, name] of Object.entries(MARKS)) {
    const marked = values.filter(({ text }) => text.includes(mark) && NUMBER.test(text.trim()));
    const [first] = marked;
    if (!first || !marked.every(({ text }) => MAYBE_THOUSANDS.test(text.trim()))) continue;
    const text = first.text.trim();
    throw new NotesError(
      file,
      `"${text}" may be ${text.replace(mark, '')} or ${text.replace(mark, '.')}: every ${name} of the file stands before exactly three digits`,
      `Export counts without thousands separators, as ${text.replace(mark, '')}; decimals with one or two digits, as ${text.replace(mark, '.').slice(0, -1)}.`,
      first.line,
    );
  }
}
