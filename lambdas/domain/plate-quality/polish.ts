/**
 * Row and column effects by median polish (Tukey 1977; the B-score of Brideau 2003, 10.1177/1087057103258285), but of what the wells miss
 * their curves by: on the values themselves it would take a compound that fills a row for an effect of the row.
 */
import { groupBy, median } from '../statistics.ts';
import { residualsOf, type WellResidual } from './residuals.ts';
import type { QualityWell } from './wells.ts';

/** Below this a well is too dead to show an effect. */
const ALIVE = 0.5;
const ROUNDS = 10;
/** A line with fewer living wells has no effect that could be told from chance. */
const FEWEST = 3;
/** No effect of place may take more than this from a well. */
const LEAST_FACTOR = 0.2;

/** @returns by well, the factor that its row and column put on its viability; 1 = none. */
export function polishFactors(wells: readonly QualityWell[]): Map<string, number> {
  const alive = residualsOf(wells).wells.filter(({ expected }) => expected >= ALIVE);
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const left = ({ row, column, value, expected }: WellResidual): number =>
    value / expected - 1 - (rows.get(row) ?? 0) - (columns.get(column) ?? 0);
  const middle = alive.length > 0 ? median(alive.map(left)) : 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    sweep(
      alive,
      ({ row }) => row,
      rows,
      (well) => left(well) - middle,
    );
    sweep(
      alive,
      ({ column }) => column,
      columns,
      (well) => left(well) - middle,
    );
  }
  return new Map(
    wells.map(({ well, row, column }) => [
      well,
      Math.max(LEAST_FACTOR, 1 + (rows.get(row) ?? 0) + (columns.get(column) ?? 0)),
    ]),
  );
}

function sweep(
  wells: readonly WellResidual[],
  lineOf: (well: WellResidual) => number,
  effects: Map<number, number>,
  left: (well: WellResidual) => number,
): void {
  for (const [line, own] of groupBy(wells, lineOf)) {
    if (own.length < FEWEST) continue;
    effects.set(line, (effects.get(line) ?? 0) + median(own.map(left)));
  }
}
