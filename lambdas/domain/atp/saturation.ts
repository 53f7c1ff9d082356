/** A detector at its end gives the same highest value again and again, where light never repeats to the count. */
import { groupBy } from '../statistics.ts';
import type { PlacedSignal } from './place.ts';

/** Wells of one study that share the highest value exactly: by chance, two controls of a million counts hardly ever do. */
const REPEATS_AT_MOST = 2;

/**
 * Marks the wells at a study's highest value where more than two share it, or at and above a known limit.
 *
 * @param limit_rlu of the detector, where the lab knows it
 */
export function markSaturated(signals: readonly PlacedSignal[], limit_rlu: number | undefined): PlacedSignal[] {
  const limits = new Map(
    [...groupBy(signals, ({ study }) => study)].map(([study, group]) => [study, limit_rlu ?? repeatedMaximum(group)]),
  );
  return signals.map((signal) => {
    const limit = limits.get(signal.study);
    return limit !== undefined && signal.light !== 'saturated' && signal.light >= limit
      ? { ...signal, light: 'saturated' }
      : signal;
  });
}

function repeatedMaximum(signals: readonly PlacedSignal[]): number | undefined {
  const values = signals.flatMap(({ light }) => (light === 'saturated' ? [] : light));
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return highest > 0 && values.filter((value) => value === highest).length > REPEATS_AT_MOST ? highest : undefined;
}
