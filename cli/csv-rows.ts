/** A table that a person wrote: CSV with commas or semicolons, each row parsed by a schema, errors by file and row. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parseDecimal } from '../lambdas/domain/decimal.ts';
import { UserError } from './console.ts';
import { readGiven } from './given-file.ts';

/** Numbers as the file writes them. */
export const numberIn = (commaIsDecimal: boolean) =>
  z.string().transform((text, context): number => {
    const value = parseDecimal(text, commaIsDecimal);
    if (value !== undefined) return value;
    const comma = text.includes(',') ? ': write 1000 or 0.5, or separate the columns by semicolons' : '';
    context.addIssue({ code: 'custom', message: `is not a number (${text})${comma}` });
    return z.NEVER;
  });

export const filled = z.string().min(1, 'is empty');

/**
 * @param command whose help names the columns
 * @throws UserError naming file, row and column
 */
export async function readRows<T>(
  file: string,
  schemaOf: (commaIsDecimal: boolean) => z.ZodType<T>,
  command: string,
): Promise<T[]> {
  const content = (await readGiven(file)).toString();
  const [header = ''] = content.split('\n', 1);
  const delimiter = header.includes(';') ? ';' : ',';
  let rows: Record<string, string>[];
  try {
    rows = parse(content, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      trim: true,
      delimiter,
    });
  } catch (error) {
    throw new UserError(
      `${file} is not CSV: ${error instanceof Error ? error.message : error}`,
      'Save it as comma- or semicolon-separated text with a header line.',
    );
  }
  const schema = schemaOf(delimiter === ';');
  return rows.map((row, index) => {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const [column] = issue?.path ?? [];
    const remedy = `\`nvir ${command} --help\` names the columns.`;
    if (issue?.code === 'invalid_type' && typeof column === 'string' && !(column in row))
      throw new UserError(`${file} has no column ${column}`, remedy);
    throw new UserError(
      `${file}, row ${index + 2}: ${issue?.path.join('.') ?? 'the row'} ${issue?.message ?? 'is not valid'}`,
      remedy,
    );
  });
}
