/** How well wells of the same content agree. */

import { isDosed } from '../notes/platemap.ts';
import { groupBy, mean } from '../statistics.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';
import type { QualityWell } from './wells.ts';

export interface ReplicateAgreement {
  /** Doses with two or more wells. */
  groups: number;
  /** Pooled standard deviation, as a fraction of the plate's level; null without replicates on the plate. */
  sd: number | null;
  missing?: string;
}

/** @param level viability of undamaged wells, on the model's scale */
export function replicateAgreement(wells: readonly QualityWell[], level: number | null): ReplicateAgreement {
  const groups = [
    ...groupBy(
      wells.filter(({ role }) => isDosed(role)),
      ({ key, concentration_uM }) => `${key}|${concentration_uM}`,
    ).values(),
  ].filter(({ length }) => length > 1);
  if (level === null || groups.length < T.wellsForSpread)
    return {
      groups: groups.length,
      sd: null,
      missing: `${groups.length} doses have several wells on this plate; at least ${T.wellsForSpread} are needed`,
    };
  const squares = groups.flatMap((group) => {
    const middle = mean(group.map(({ viability }) => viability));
    return group.map(({ viability }) => ((viability - middle) / level) ** 2);
  });
  const freedom = squares.length - groups.length;
  return { groups: groups.length, sd: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / freedom) };
}
