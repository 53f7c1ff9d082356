/** Which wells of a plate should have an image in a plate read, and which have none. */

import { type PlateMap, roleOf } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import type { PlateQuality } from '../plate-quality/index.ts';
import { compareText, groupBy } from '../statistics.ts';
import type { PlacedReading } from './plate-reads.ts';

export interface PlateReadSummary {
  day: number;
  /** Every expected well has an image, accepted or rejected. Never true without a plate map. */
  complete: boolean;
  expectedWells: number;
  imagedWells: number;
  /** Expected wells without any image: nothing came, which is not the same as a rejected file. */
  absentWells: string[];
  rejected: { key: string; reason: string }[];
  superseded: number;
  /** Images that count. */
  usable: number;
  firstTakenAt: string;
  lastTakenAt: string;
  /** As scoring judged it; absent before, and without a plate map. */
  quality?: PlateQuality;
}

export interface PlateSummary {
  plate: string;
  hasMap: boolean;
  reads: PlateReadSummary[];
  /** Images that count nowhere as notes and names now stand: no day, no well of the map, another channel. */
  unplaced: { key: string; reason: string }[];
}

export function summarisePlate(
  plate: string,
  placed: readonly PlacedReading[],
  map: PlateMap | undefined,
  study: Study | undefined,
): PlateSummary {
  const expected = map
    ? [...map.wells.values()].filter((entry) => roleOf(entry, study) !== 'blank').map((entry) => entry.name)
    : [];
  const days = groupBy(
    placed.filter((item) => item.day !== undefined),
    (item) => item.day ?? 0,
  );
  return {
    plate,
    hasMap: map !== undefined,
    reads: [...days].sort(([a], [b]) => a - b).map(([day, items]) => summariseRead(day, items, expected)),
    unplaced: listed(
      placed.filter((item) => item.status === 'unplaced' || (item.status === 'rejected' && item.day === undefined)),
    ),
  };
}

function summariseRead(day: number, items: readonly PlacedReading[], expected: readonly string[]): PlateReadSummary {
  // An image without a place, of another channel for example, does not make its well imaged.
  const imaged = new Set(items.flatMap(({ status, name }) => (status === 'unplaced' ? [] : (name.well ?? []))));
  const absentWells = expected.filter((well) => !imaged.has(well));
  const times = items.map((item) => item.acquisition.at).sort(compareText);
  return {
    day,
    complete: expected.length > 0 && absentWells.length === 0,
    expectedWells: expected.length,
    imagedWells: expected.length - absentWells.length,
    absentWells,
    rejected: listed(items.filter((item) => item.status === 'rejected')),
    superseded: items.filter((item) => item.status === 'superseded').length,
    usable: items.filter((item) => item.status === 'used').length,
    firstTakenAt: times[0] ?? '',
    lastTakenAt: times.at(-1) ?? '',
  };
}

const listed = (items: readonly PlacedReading[]): { key: string; reason: string }[] =>
  items
    .map(({ reading, reason }) => ({ key: reading.key, reason: reason ?? '' }))
    .sort((a, b) => compareText(a.key, b.key));
