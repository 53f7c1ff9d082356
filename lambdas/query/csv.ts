/** Answers as tables, for spreadsheets and notebooks. */
import { stringify } from 'csv-stringify/sync';

/** A line of a table; nothing where there is nothing to say. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How a text starts that a spreadsheet runs. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Every table says in each line whether its images are simulated: lines are copied, headings are not.
 * Names that a spreadsheet would run as a formula are quoted.
 */
export function toCsv(rows: readonly Row[], columns: readonly string[], simulated: boolean): string {
  return stringify(
    rows.map((row) => ({ ...row, images: (row.simulated ?? simulated) ? 'SIMULATED IMAGES' : 'microscope' })),
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
