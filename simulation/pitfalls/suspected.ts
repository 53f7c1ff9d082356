/** What plate quality says of the set: the wells that its check of the background calls coloured or precipitate. */
import { suspectedByBackground } from '../../lambdas/domain/plate-quality/background.ts';
import type { QualityWell } from '../../lambdas/domain/plate-quality/wells.ts';
import { compoundKey } from '../../lambdas/domain/reference.ts';
import { groupBy } from '../../lambdas/domain/statistics.ts';
import { parseWell } from '../../lambdas/domain/well.ts';
import type { PitfallRow } from './plan.ts';

/** @param backgrounds of the frames, by row @returns rows of the doses from which on a compound's background stands out */
export function suspectedRows(rows: readonly PitfallRow[], backgrounds: ReadonlyMap<number, number>): Set<number> {
  const found = new Set<number>();
  for (const plate of groupBy(rows, (row) => row.plate).values()) {
    const suspicions = suspectedByBackground(plate.map((row) => qualityWell(row, backgrounds.get(row.row))));
    for (const { compound, from_uM } of suspicions)
      for (const row of plate) if (row.compound === compound && row.concentration_uM >= from_uM) found.add(row.row);
  }
  return found;
}

function qualityWell(row: PitfallRow, background: number | undefined): QualityWell {
  const { row: line, column } = parseWell(row.well) ?? { row: 0, column: 0 };
  return {
    well: row.well,
    row: line,
    column,
    key: compoundKey(row.compound),
    compound: row.compound,
    concentration_uM: row.concentration_uM,
    // The check compares with vehicle wells, which the wells as they are stand for.
    role: row.role === 'untreated' ? 'vehicle' : row.role,
    viability: row.viability_true,
    flags: [],
    ...(background === undefined ? {} : { background }),
  };
}
