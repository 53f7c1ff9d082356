/** Why nothing can be said of a compound on a day, where none of its wells can be normalised. */

import type { WellValue } from '../reads/well-values.ts';
import { compareText, groupBy } from '../statistics.ts';
import type { LeftOutValue } from './judged-plates.ts';
import type { VehicleLevel } from './normalise.ts';

const NO_VEHICLE = 'no vehicle well with an accepted image, on no plate of this day: nothing to normalise to';

/** Why the wells of a plate are normalised to nothing; undefined where they may be. */
export function whyNotNormalised(level: VehicleLevel | undefined): string | undefined {
  return level ? level.unusable : NO_VEHICLE;
}

export interface ObstacleInput {
  /** The compound's wells of the day that count. */
  own: readonly WellValue[];
  /** Those that do not. */
  ownLeftOut: readonly LeftOutValue[];
  /** All wells of the day that do not. */
  leftOut: readonly LeftOutValue[];
  levels: ReadonlyMap<string, VehicleLevel>;
}

/** Undefined where it has no well with a value at all. */
export function obstacleOf({ own, ownLeftOut, leftOut, levels }: ObstacleInput): string | undefined {
  if (own.length === 0)
    return ownLeftOut.length === 0
      ? undefined
      : `none of its ${ownLeftOut.length} wells counts: ${reasonsOf(ownLeftOut)}`;
  const refused = own.find(({ plate }) => levels.get(plate)?.unusable !== undefined);
  if (!refused) {
    const vehicles = leftOut.filter(({ value }) => value.role === 'vehicle');
    return vehicles.length === 0 ? NO_VEHICLE : `no vehicle well of this day counts: ${reasonsOf(vehicles)}`;
  }
  const { unusable, remedy } = levels.get(refused.plate) ?? {};
  return `plate ${refused.plate}: ${unusable}${remedy === undefined ? '' : `. ${remedy}`}`;
}

/** The most common first. */
const reasonsOf = (leftOut: readonly LeftOutValue[]): string =>
  [...groupBy(leftOut, ({ reason }) => reason)]
    .sort(([a, own], [b, other]) => other.length - own.length || compareText(a, b))
    .map(([reason, { length }]) => (length === leftOut.length ? reason : `${length}, ${reason}`))
    .join('; ');
