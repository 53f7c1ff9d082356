/** Compounds of which some wells were read by a model that states what it may misread in all wells alike, and some by one that does not. */
import { isDosed } from '../notes/platemap.ts';
import type { WellValue } from '../reads/well-values.ts';
import { compoundKey } from '../reference.ts';
import { groupBy } from '../statistics.ts';

/** @param names of compounds, by key */
export function mixedErrorProblems(
  day: number,
  wellsOfDay: readonly WellValue[],
  names: ReadonlyMap<string, string>,
): string[] {
  const dosed = wellsOfDay.filter(({ role }) => isDosed(role));
  const mixed = [...groupBy(dosed, ({ entry }) => compoundKey(entry.compound))].flatMap(([key, own]) => {
    const stated = own.filter(({ sharedHalfWidth90 }) => sharedHalfWidth90 !== undefined).length;
    return stated === 0 || stated === own.length
      ? []
      : [`${names.get(key) ?? key} (${own.length - stated} of ${own.length})`];
  });
  return mixed.length === 0
    ? []
    : [
        `day ${day}: some wells were read by a model that does not state its own error: ${mixed.join(', ')}. The intervals of these compounds take the largest that the others state for all wells, which may be too small. Upload the images again, so that one model with held-out domains reads them all.`,
      ];
}
