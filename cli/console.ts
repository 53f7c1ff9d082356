/** What every command says and how: tables, progress, and errors that end with what to do next. */
import { SingleBar as Bar, type SingleBar } from 'cli-progress';

/** A mistake that the person at the keyboard can mend. The command ends with exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

export const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** Notes on progress go to standard error, so that `--json` output stays clean. */
export const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  align?: 'left' | 'right';
}

/** A plain aligned table; empty rows give only the header. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...cells.map((line) => line[i]?.length ?? 0)),
  );
  const pad = (text: string, i: number): string =>
    columns[i]?.align === 'right' ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  const line = (texts: readonly string[]): string => texts.map(pad).join('  ').trimEnd();
  return [
    line(columns.map((column) => column.title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...cells.map(line),
  ].join('\n');
}

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A bar on a terminal; silence elsewhere, so that logs and pipes stay readable. */
export function progress(title: string, total: number, unit = 'images'): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar: SingleBar = new Bar({
    format: `${title.padEnd(22)} {bar} {value}/{total} ${unit}  {duration_formatted}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}

/** A number, or that it lies below the limit under which nothing was tested: a fit's 1e-100 says no more than that. */
export const figureFrom = (limit: number, value: number | 'inf' | null | undefined): string =>
  typeof value === 'number' && value < limit ? `< ${figure(limit)}` : figure(value);

/** Three significant figures, without exponent where a person would not use one; `'inf'` as the API says it. */
export function figure(value: number | 'inf' | null | undefined, digits = 3): string {
  if (value === undefined || value === null) return '–';
  if (value === 'inf') return '∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1);
  if (size >= 10 ** (digits - 1)) return String(Math.round(value));
  return String(Number(value.toPrecision(digits)));
}
