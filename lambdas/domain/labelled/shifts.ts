/** What a table that was moved by a row or a column leaves behind. */
import { groupBy } from '../statistics.ts';
import { parseWell, type Well, wellName } from '../well.ts';

const SHIFTS = [
  { by: 'row down', rows: 1, columns: 0 },
  { by: 'row up', rows: -1, columns: 0 },
  { by: 'column right', rows: 0, columns: 1 },
  { by: 'column left', rows: 0, columns: -1 },
] as const;

export interface Shift {
  by: (typeof SHIFTS)[number]['by'];
  /** Wells with ATP that have an image when all are moved, and as they stand. */
  pairs: number;
  now: number;
}

/** @returns the move by one row or column with which more wells have their image than without, and most of all; undefined without one */
export function betterShift(lit: readonly string[], imaged: readonly string[]): Shift | undefined {
  const shown = new Set(imaged);
  const places = lit.flatMap((well) => parseWell(well) ?? []);
  const pairsOf = (rows: number, columns: number): number =>
    places.filter(
      ({ row, column }) =>
        row + rows >= 0 && column + columns >= 0 && shown.has(wellName({ row: row + rows, column: column + columns })),
    ).length;
  const now = pairsOf(0, 0);
  const better = SHIFTS.map(({ by, rows, columns }) => ({ by, pairs: pairsOf(rows, columns), now }));
  return better.filter(({ pairs }) => pairs > now).sort((a, b) => b.pairs - a.pairs)[0];
}

/** One well without its partner is an everyday loss, also where it is the only one of its row. */
const LINE_AT_LEAST = 2;

/** @returns `row A` or `column 12`, the first or last of all wells, where every well of it is without its partner */
export function outerLineIn(alone: readonly string[], all: readonly string[]): string | undefined {
  const lonely = new Set(alone);
  const places = all.flatMap((well) => {
    const address = parseWell(well);
    return address ? [{ well, address }] : [];
  });
  for (const axis of ['row', 'column'] as const) {
    const lines = [...groupBy(places, ({ address }) => address[axis])].sort(([a], [b]) => a - b);
    for (const [line, wells] of new Map([...lines.slice(0, 1), ...lines.slice(-1)]))
      if (wells.length >= LINE_AT_LEAST && wells.every(({ well }) => lonely.has(well)))
        return `${axis} ${nameOf(axis, line)}`;
  }
  return undefined;
}

const nameOf = (axis: keyof Well, line: number): string =>
  axis === 'column' ? String(line + 1) : wellName({ row: line, column: 0 }).replace(/\d+$/, '');
