/**
 * What wells were before the first dose. An image of day 0 that was taken after it may show what the drug did, so it is no witness of what
 * was there before. One whose time nobody knows is believed: it lies in a folder of day 0.
 */

import type { Study } from '../notes/study.ts';
import { compareText } from '../statistics.ts';
import { isTimed } from './acquisition.ts';
import { modelsOf, type Refusal, remedy } from './mixed-models.ts';
import type { PlacedReading } from './plate-reads.ts';
import type { WellValue } from './well-values.ts';

/** A well that was hardly alive on day 0 says nothing when it is divided by that. */
const ALIVE_ON_DAY_ZERO = 0.3;
const HOUR_MS = 3_600_000;

/** The latest of a well's images after the first dosing, in hours; undefined where none is known to be. */
export function hoursAfterDosing(
  { readings }: { readings: readonly PlacedReading[] },
  notes: Study | undefined,
): number | undefined {
  if (!notes) return undefined;
  const dosing = Date.parse(notes.firstDosing.at);
  const late = readings
    .filter(({ acquisition }) => isTimed(acquisition, notes))
    .map(({ acquisition }) => (Date.parse(acquisition.at) - dosing) / HOUR_MS)
    .filter((hours) => hours > 0);
  return late.length > 0 ? Math.max(...late) : undefined;
}

/** Day 0 of one plate, as a divisor. */
export interface DayZero {
  /** What may be divided by, by well: wells that count, of a plate read that is not rejected. */
  counting: ReadonlyMap<string, WellValue>;
  /** Why other wells may not, by well. */
  reasons: ReadonlyMap<string, string>;
  /** Why none may. */
  obstacle?: string;
}

/** The well's value on day 0, or why it cannot be divided by it. */
export function divisorOf(value: WellValue, dayZero: DayZero, notes: Study | undefined): WellValue | Refusal {
  const { name } = value.entry;
  const before = dayZero.counting.get(name);
  if (dayZero.obstacle !== undefined) return refused(dayZero.obstacle);
  if (!before) return refused(dayZero.reasons.get(name) ?? 'the well has no usable image of day 0');
  const hours = hoursAfterDosing(before, notes);
  if (hours !== undefined)
    return refused(
      `its image of day 0 was taken ${hours.toFixed(1)} h after the first dosing, when a drug may have acted`,
    );
  const models = [...modelsOf([before, value]).keys()].sort(compareText);
  if (models.length > 1)
    return {
      ...refused(
        `its images of day 0 and of this day were read by ${models.length} models (${models.join(', ')}), whose viabilities do not compare. ${remedy}`,
      ),
      mixedModels: true,
    };
  if (before.viability >= ALIVE_ON_DAY_ZERO) return before;
  return refused(
    `the well read ${before.viability.toFixed(2)} on day 0, before any dose; at least ${ALIVE_ON_DAY_ZERO} is needed`,
  );
}

const refused = (why: string): Refusal => ({ reason: `normalisation day-0: ${why}` });
