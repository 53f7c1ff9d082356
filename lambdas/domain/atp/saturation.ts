/** A detector at its end gives the same highest value again and again, where light never repeats to the count. */
import { groupBy } from '../statistics.ts';
import type { PlacedSignal } from './place.ts';

/** Wells of one study, plate read or file that share its highest value exactly: by chance, two of a million counts hardly ever do. */
const REPEATS_AT_MOST = 2;

/** Within which a detector, its gain and its dilution are one; a study may mix them, and then its maximum hides those of the dimmer ones. */
const GROUPS: ((signal: PlacedSignal) => string)[] = [
  ({ study }) => JSON.stringify([study]),
  ({ study, plate, day }) => JSON.stringify([study, plate, day]),
  ({ study, file }) => JSON.stringify([study, 'file', file]),
];

/**
 * Marks the wells at the highest value of a study, a plate read or a file where more than two share it, or at and above a known limit.
 *
 * @param limit_rlu of the detector, where the lab knows it
 */
export function markSaturated(signals: readonly PlacedSignal[], limit_rlu: number | undefined): PlacedSignal[] {
  const limits = GROUPS.map((keyOf) => ({
    keyOf,
    byGroup: new Map([...groupBy(signals, keyOf)].map(([key, group]) => [key, repeatedMaximum(group)])),
  }));
  const limitOf = (signal: PlacedSignal): number =>
    limit_rlu ??
    Math.min(...limits.map(({ keyOf, byGroup }) => byGroup.get(keyOf(signal)) ?? Number.POSITIVE_INFINITY));
  return signals.map((signal) =>
    signal.light !== 'saturated' && signal.light >= limitOf(signal) ? { ...signal, light: 'saturated' } : signal,
  );
}

function repeatedMaximum(signals: readonly PlacedSignal[]): number | undefined {
  const values = signals.flatMap(({ light }) => (light === 'saturated' ? [] : light));
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return highest > 0 && values.filter((value) => value === highest).length > REPEATS_AT_MOST ? highest : undefined;
}
