/** Days of images whose path names none: plate reads found in time, each at its nearest scheduled day. */

import type { ImageName } from '../naming/naming.ts';
import type { Study } from '../notes/study.ts';
import { compareText, median } from '../statistics.ts';
import { type Acquisition, isTimed } from './acquisition.ts';
import type { Reading } from './reading.ts';

/** A pause longer than this ends a plate read: reading a plate takes minutes to a few hours. */
const READ_GAP_HOURS = 6;
/** No plate read lasts longer, however short its pauses. */
const READ_SPAN_HOURS = 12;
/** An image of a slot that the read already holds is a re-take when it comes this soon; later, the plate is read again. */
const RETAKE_HOURS = 2;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

export interface TimedImage {
  reading: Reading;
  name: ImageName;
  acquisition: Acquisition;
}

export interface ReadDay {
  day?: number;
  /** Why there is no day. */
  reason?: string;
  /** How far the middle of the plate read lies from the scheduled time. */
  offSchedule_h: number;
}

/** One image of a place on the plate; its acquisitions at different times are rivals. */
export const slotOf = ({ well, field, z, channel }: ImageName): string => [well, field, z, channel].join('|');

/** By key of the reading. */
export function daysByTime(images: readonly TimedImage[], study: Study | undefined): Map<string, ReadDay> {
  const days = new Map<string, ReadDay>();
  const hasTime = ({ acquisition }: TimedImage): boolean => isTimed(acquisition, study);
  for (const read of readsInTime(images.filter(hasTime))) {
    const ofRead = nominalDay(median(read.map(instantOf)), study);
    for (const image of read) days.set(image.reading.key, tooFar(image, ofRead, study) ?? ofRead);
  }
  for (const image of images.filter((image) => !hasTime(image))) days.set(image.reading.key, untimed(image, study));
  return days;
}

const instantOf = ({ acquisition }: TimedImage): number => Date.parse(acquisition.at);

function readsInTime(images: readonly TimedImage[]): TimedImage[][] {
  const reads: TimedImage[][] = [];
  let begin = Number.NEGATIVE_INFINITY;
  let previous = Number.NEGATIVE_INFINITY;
  let firstOfSlot = new Map<string, number>();
  for (const image of [...images].sort((a, b) => compareText(a.acquisition.at, b.acquisition.at))) {
    const at = instantOf(image);
    const slot = image.name.well === undefined ? undefined : slotOf(image.name);
    const seen = slot === undefined ? undefined : firstOfSlot.get(slot);
    const isAgain = seen !== undefined && hours(seen, at) > RETAKE_HOURS;
    const current = reads.at(-1);
    if (current && !isAgain && hours(previous, at) <= READ_GAP_HOURS && hours(begin, at) <= READ_SPAN_HOURS) {
      current.push(image);
    } else {
      reads.push([image]);
      begin = at;
      firstOfSlot = new Map();
    }
    if (slot !== undefined && !firstOfSlot.has(slot)) firstOfSlot.set(slot, at);
    previous = at;
  }
  return reads;
}

const hours = (from: number, to: number): number => (to - from) / HOUR_MS;

function nominalDay(instant: number, study: Study | undefined): ReadDay {
  if (!study)
    return {
      reason: 'the path names no day, and there is no study.json to take the first dosing from',
      offSchedule_h: Number.POSITIVE_INFINITY,
    };
  const elapsed = hours(Date.parse(study.firstDosing.at), instant) / DAY_HOURS;
  // Plus zero: shortly before the first dosing is day 0, not day -0.
  const scheduled = study.imagingDays.length > 0 ? study.imagingDays : [Math.round(elapsed) + 0];
  const day = scheduled.reduce((best, next) => (Math.abs(next - elapsed) < Math.abs(best - elapsed) ? next : best));
  const offSchedule_h = Math.abs(day - elapsed) * DAY_HOURS;
  if (study.imagingDays.length === 0 || offSchedule_h <= study.imagingToleranceHours) return { day, offSchedule_h };
  return { reason: beyondTolerance(elapsed, study), offSchedule_h };
}

/** The day is its plate read's, but no image counts that lies beyond the tolerance itself. */
function tooFar(image: TimedImage, { day, offSchedule_h }: ReadDay, study: Study | undefined): ReadDay | undefined {
  if (!study || day === undefined || study.imagingDays.length === 0) return undefined;
  const elapsed = hours(Date.parse(study.firstDosing.at), instantOf(image)) / DAY_HOURS;
  if (Math.abs(day - elapsed) * DAY_HOURS <= study.imagingToleranceHours) return undefined;
  return { reason: `${beyondTolerance(elapsed, study)}, though its plate read is of day ${day}`, offSchedule_h };
}

const beyondTolerance = (elapsed: number, { imagingToleranceHours, imagingDays }: Study): string =>
  `taken ${elapsed.toFixed(1)} days after first dosing, more than ${imagingToleranceHours} h from every imaging day (${imagingDays.join(', ')})`;

/** A file that cannot be read tells no time, and no value hangs on its day: its upload may say where it belongs. */
function untimed(image: TimedImage, study: Study | undefined): ReadDay {
  const byUpload = nominalDay(instantOf(image), study);
  if (image.reading.status === 'rejected') return byUpload;
  return {
    reason:
      'neither the file nor its path tells when it was taken, and the upload may have come much later: put it into a folder such as day7/, name a date by namingPattern, or set uploadTimeIsImagingTime in study.json',
    offSchedule_h: byUpload.offSchedule_h,
  };
}
