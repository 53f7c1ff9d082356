/**
 * Where each reading belongs: its plate read (a nominal imaging day of one plate) and its slot in it. The day is a plate
 * read's, not a calendar's: images taken in one go share it, also across midnight.
 */
import { type Acquisition, acquisitionOf } from './acquisition.ts';
import { type ImageName, parseImagePath } from './naming.ts';
import type { Reading } from './reading.ts';
import { compareText, groupBy, median } from './statistics.ts';
import type { Study } from './study.ts';

export interface PlacedReading {
  reading: Reading;
  name: ImageName;
  acquisition: Acquisition;
  /** Nominal imaging day after first dosing; undefined when unplaced. */
  day: number | undefined;
  /** `used` counts; the others are kept and listed with their reason. */
  status: 'used' | 'superseded' | 'rejected' | 'unplaced';
  reason?: string;
}

/** A pause longer than this ends a plate read: reading a plate takes minutes to a few hours. */
const READ_GAP_HOURS = 6;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Places all current readings of one plate. Deleted ones are left out. Equal sets give equal answers in any order. */
export function placeReadings(readings: readonly Reading[], study: Study | undefined): PlacedReading[] {
  const known = readings
    .filter((reading) => reading.status !== 'deleted')
    .map((reading) => {
      const name = parseImagePath(reading.path, study?.namingPattern);
      return { reading, name, acquisition: acquisitionOf(reading, name, study) };
    })
    .sort((a, b) => compareText(a.reading.key, b.reading.key));
  const byTime = known.filter(({ name }) => name.day === undefined);
  const dayOfKey = daysByTime(byTime, study);

  const placed = known.map((item): PlacedReading => {
    const day = item.name.day ?? dayOfKey.get(item.reading.key)?.day;
    const reason = item.name.reason ?? (day === undefined ? dayOfKey.get(item.reading.key)?.reason : undefined);
    if (item.reading.status === 'rejected')
      return { ...item, day, status: 'rejected', reason: item.reading.rejection?.reason ?? 'rejected' };
    return reason === undefined ? { ...item, day, status: 'used' } : { ...item, day, status: 'unplaced', reason };
  });
  return markSuperseded(placed);
}

type Known = Pick<PlacedReading, 'reading' | 'name' | 'acquisition'>;
type DayOrReason = { day?: number; reason?: string };

/** Days of images whose path names none: clusters in time, each at its nearest scheduled day. */
function daysByTime(items: readonly Known[], study: Study | undefined): Map<string, DayOrReason> {
  const days = new Map<string, DayOrReason>();
  for (const cluster of clusterByGap(items)) {
    const answer = nominalDay(median(cluster.map(({ acquisition }) => Date.parse(acquisition.at))), study);
    for (const { reading } of cluster) days.set(reading.key, answer);
  }
  return days;
}

function clusterByGap(items: readonly Known[]): Known[][] {
  const sorted = [...items].sort((a, b) => compareText(a.acquisition.at, b.acquisition.at));
  const clusters: Known[][] = [];
  let previous = Number.NEGATIVE_INFINITY;
  for (const item of sorted) {
    const at = Date.parse(item.acquisition.at);
    const current = clusters.at(-1);
    if (current && at - previous <= READ_GAP_HOURS * HOUR_MS) current.push(item);
    else clusters.push([item]);
    previous = at;
  }
  return clusters;
}

function nominalDay(instant: number, study: Study | undefined): DayOrReason {
  if (!study) return { reason: 'the path names no day, and there is no study.json to take the first dosing from' };
  const elapsed = (instant - Date.parse(study.firstDosing.at)) / DAY_MS;
  if (study.imagingDays.length === 0) return { day: Math.round(elapsed) };
  const nearest = study.imagingDays.reduce((best, day) =>
    Math.abs(day - elapsed) < Math.abs(best - elapsed) ? day : best,
  );
  if (Math.abs(nearest - elapsed) * 24 <= study.imagingToleranceHours) return { day: nearest };
  return {
    reason: `taken ${elapsed.toFixed(1)} days after first dosing, more than ${study.imagingToleranceHours} h from every imaging day (${study.imagingDays.join(', ')})`,
  };
}

/** In each slot the later acquisition counts. A rejected file never displaces a good one. */
function markSuperseded(placed: readonly PlacedReading[]): PlacedReading[] {
  const slots = groupBy(
    placed.filter((item) => item.status === 'used'),
    ({ name, day }) => [name.well, name.field, name.z, name.channel, day].join('|'),
  );
  const superseded = new Map<PlacedReading, string>();
  for (const rivals of slots.values()) {
    const [winner, ...others] = [...rivals].sort(laterFirst);
    for (const other of others)
      superseded.set(other, `a later image of the same slot counts: ${winner?.reading.path ?? ''}`);
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
