/** Answers as tables, for spreadsheets and notebooks. */
import { stringify } from 'csv-stringify/sync';

/** A line of a table; nothing where there is nothing to say. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What a line says of its images. */
function originOf(simulated: unknown): string {
  if (simulated === true) return 'SIMULATED IMAGES';
  return simulated === false ? 'microscope' : 'unknown';
}

/** How a text starts that a spreadsheet runs. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Every table says in each line whether its images are simulated: lines are copied, headings are not.
 * Names that a spreadsheet would run as a formula are quoted.
 *
 * @param simulated null when no study.json says; a row's own `simulated` wins.
 */
export function toCsv(rows: readonly Row[], columns: readonly string[], simulated: unknown): string {
  return stringify(
    rows.map((row) => ({ ...row, images: originOf(row['simulated'] ?? simulated) })),
    {
      header: true,
      columns: [...columns, 'images'],
      cast: {
        boolean: (value) => (value ? 'true' : 'false'),
        string: (value) => (FORMULA.test(value) ? `'${value}` : value),
      },
    },
  );
}
