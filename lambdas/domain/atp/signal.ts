/** What a luminometer says of one well, and how it writes that. */
import { parseDecimal } from '../decimal.ts';

/** Relative light units. `saturated`: more light than the detector could count. */
export type Light = number | 'saturated';

/** One well of one plate read, as an ATP file has it. */
export interface AtpSignal {
  /** Where the file says it. */
  study: string | undefined;
  plate: string;
  /** Nominal day after first dosing. */
  day: number;
  /** `A01`. */
  well: string;
  light: Light;
  /** Wells of the plate that the luminometer was told of; undefined in a long table. */
  format: { rows: number; columns: number } | undefined;
  file: string;
  line: number;
}

/** Overflow as Tecan, BMG, BioTek, PerkinElmer, Promega and Molecular Devices write it, and what spreadsheets make of it. */
const OVERFLOW = /^(?:[*+]+|#?sat(?:urated)?|over|ovr|ovrflw|overflow|>+|>\s*[\d.,]+(?:e[+-]?\d+)?|inf)$/i;
const NOT_READ = /^(?:|-+|n\.?\/?a\.?|nd|nan)$/i;

/**
 * @param commaIsDecimal whether `0,5` is a half, see parseDecimal
 * @returns undefined for a well that was not read; null when the text is neither light nor its absence
 */
export function parseLight(text: string, commaIsDecimal: boolean): Light | undefined | null {
  const trimmed = text.trim();
  if (NOT_READ.test(trimmed)) return undefined;
  if (OVERFLOW.test(trimmed)) return 'saturated';
  return parseDecimal(trimmed, commaIsDecimal) ?? null;
}
