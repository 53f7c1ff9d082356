/**
 * SHA-256 over all that a record says, so that a line edited by hand is found by who serves it (`model-container/nvir/recalibration.py`
 * takes it too; both are held to `model-container/contract/recalibration/canonical.json`). It finds changes, not forgers: whoever
 * edits may take it anew.
 */
import { createHash } from 'node:crypto';

/** SHA-256 (hex) of a record's canonical text. */
export const recordDigest = (record: unknown): string => createHash('sha256').update(canonical(record)).digest('hex');

/**
 * ASCII without spaces: names in order, numbers as the 16 hex digits of their IEEE 754 double (languages write the same number
 * in different ways), text as JSON with everything beyond ASCII escaped. Of what JSON.parse gives.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'number') return doubleHex(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]) => `${asciiText(name)}:${canonical(of)}`)
      .join(',')}}`;
  return typeof value === 'string' ? asciiText(value) : String(value);
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

const asciiText = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
