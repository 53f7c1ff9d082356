/** Decimal numbers as people and spreadsheets write them. */

const WITH_POINT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const WITH_COMMA = /^[+-]?(?:\d+(?:,\d*)?|,\d+)(?:e[+-]?\d+)?$/i;

/**
 * `1000`, `0.5`, `1e-3`. A comma is a decimal comma only where the file says so, for example by semicolons between its
 * columns; elsewhere `1,000` may be a thousand, so it is no number at all. Neither are `0x10` and an empty text.
 *
 * @param commaIsDecimal whether `0,5` is a half; a point then still is a decimal point, as in mixed exports
 * @returns undefined when the text is no finite number
 * @example parseDecimal('0,5', true) // 0.5
 */
export function parseDecimal(text: string, commaIsDecimal: boolean): number | undefined {
  const trimmed = text.trim();
  const isNumber = WITH_POINT.test(trimmed) || (commaIsDecimal && WITH_COMMA.test(trimmed));
  const value = isNumber ? Number(trimmed.replace(',', '.')) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
