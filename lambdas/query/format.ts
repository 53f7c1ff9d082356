/** Which of its forms an answer takes, by what the caller takes (RFC 9110, section 12.5.1). */
import { parseAccept } from 'hono/utils/accept';
import { Problem } from './problem.ts';

export type Format = 'json' | 'csv';

/** JSON first: it is what a caller gets who takes anything. */
const TYPES: readonly { format: Format; ranges: readonly string[] }[] = [
  { format: 'json', ranges: ['application/json', 'application/*', '*/*'] },
  { format: 'csv', ranges: ['text/csv', 'text/*', '*/*'] },
];

/**
 * The form that the caller likes best; of equals the one that is named first.
 *
 * @throws Problem 406 when the caller takes none.
 * @example formatOf('text/csv;q=0.5, application/json') // 'json'
 */
export function formatOf(accept = '*/*'): Format {
  // Sorted by q, in the caller's order where that is equal.
  const asked = parseAccept(accept.trim() === '' ? '*/*' : accept).map(({ type, q }) => ({
    type: type.toLowerCase(),
    q,
  }));
  const taken = TYPES.flatMap(({ format, ranges }) => {
    // The most specific range decides: with `text/csv;q=0, */*` a table is refused.
    const range = ranges.find((candidate) => asked.some(({ type }) => type === candidate));
    const place = asked.findIndex(({ type }) => type === range);
    return (asked[place]?.q ?? 0) > 0 ? [{ format, place }] : [];
  }).sort((a, b) => a.place - b.place);
  const [best] = taken;
  if (!best) throw new Problem(406, 'this API answers application/json or text/csv');
  return best.format;
}
