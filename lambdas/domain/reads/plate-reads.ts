/**
 * Where each reading belongs: its plate read (a nominal imaging day of one plate) and its slot in it. The day is a plate
 * read's, not a calendar's: images taken in one go share it, also across midnight.
 */

import { type ImageName, namerOf } from '../naming/naming.ts';
import { channelObstacles } from '../naming/scored-channel.ts';
import type { PlateMap } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import { compareText, groupBy } from '../statistics.ts';
import { type Acquisition, acquisitionOf } from './acquisition.ts';
import { daysByTime, type ReadDay, slotOf } from './read-days.ts';
import type { Reading } from './reading.ts';

export interface PlacedReading {
  reading: Reading;
  name: ImageName;
  acquisition: Acquisition;
  /** Nominal imaging day after first dosing; undefined when unplaced in time. */
  day: number | undefined;
  /** `used` counts; the others are kept and listed with their reason. */
  status: 'used' | 'superseded' | 'rejected' | 'unplaced';
  reason?: string;
}

/**
 * Places all current readings of one plate. Deleted ones are left out. Equal sets give equal answers in any order.
 *
 * @param map of the plate; a well that it does not hold has no place. Undefined while there is none
 */
export function placeReadings(
  readings: readonly Reading[],
  study: Study | undefined,
  map?: PlateMap | undefined,
): PlacedReading[] {
  const current = readings.filter((reading) => reading.status !== 'deleted').sort((a, b) => compareText(a.key, b.key));
  const nameOf = namerOf(
    current.map(({ path }) => path),
    study?.namingPattern,
  );
  const known = current.map((reading) => {
    const name = nameOf(reading.path);
    return { reading, name, acquisition: acquisitionOf(reading, name, study) };
  });
  const days = daysByTime(
    known.filter(({ name }) => name.day === undefined),
    study,
  );
  const placed = known.map((item): PlacedReading => {
    const byTime = days.get(item.reading.key);
    const day = item.name.day ?? byTime?.day;
    if (item.reading.status === 'rejected')
      return { ...item, day, status: 'rejected', reason: item.reading.rejection?.reason ?? 'rejected' };
    const reason = item.name.reason ?? byTime?.reason ?? notInMap(item.name.well, map);
    return reason === undefined ? { ...item, day, status: 'used' } : { ...item, day, status: 'unplaced', reason };
  });
  return markSuperseded(leaveOutChannels(placed, study), days);
}

const notInMap = (well: string | undefined, map: PlateMap | undefined): string | undefined =>
  map && well !== undefined && !map.wells.has(well) ? `well ${well} is not in the plate map` : undefined;

function leaveOutChannels(placed: readonly PlacedReading[], study: Study | undefined): PlacedReading[] {
  const used = placed.filter(({ status }) => status === 'used');
  const obstacleTo = channelObstacles(
    used.map(({ name }) => name.channel),
    study?.brightfieldChannel,
  );
  return placed.map((item) => {
    const reason = item.status === 'used' ? obstacleTo(item.name.channel) : undefined;
    return reason === undefined ? item : { ...item, status: 'unplaced', reason };
  });
}

/**
 * In each slot of a day one image counts: that of the plate read nearest to the scheduled time, and in one read the later
 * acquisition. A rejected file never displaces a good one.
 */
function markSuperseded(placed: readonly PlacedReading[], days: ReadonlyMap<string, ReadDay>): PlacedReading[] {
  const offSchedule = ({ reading }: PlacedReading): number => days.get(reading.key)?.offSchedule_h ?? 0;
  const slots = groupBy(
    placed.filter((item) => item.status === 'used'),
    ({ name, day }) => `${slotOf(name)}|${day}`,
  );
  const superseded = new Map<PlacedReading, string>();
  for (const rivals of slots.values()) {
    const [winner, ...others] = [...rivals].sort((a, b) => offSchedule(a) - offSchedule(b) || laterFirst(a, b));
    if (!winner) continue;
    for (const other of others) {
      const why =
        offSchedule(other) > offSchedule(winner)
          ? `of day ${winner.day}, the plate read nearest to the scheduled time counts`
          : 'a later image of the same slot counts';
      superseded.set(other, `${why}: ${winner.reading.path}`);
    }
  }
  return placed.map((item) => {
    const reason = superseded.get(item);
    return reason === undefined ? item : { ...item, status: 'superseded', reason };
  });
}

const laterFirst = (a: PlacedReading, b: PlacedReading): number =>
  compareText(b.acquisition.at, a.acquisition.at) ||
  compareText(b.reading.uploadedAt, a.reading.uploadedAt) ||
  compareText(b.reading.key, a.reading.key);
