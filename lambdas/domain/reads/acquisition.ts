/** When an image was taken, from the best witness there is. */
import type { ImageName } from '../naming/naming.ts';
import type { Study } from '../notes/study.ts';
import type { Reading } from './reading.ts';

const HOUR_MS = 3_600_000;

export interface Acquisition {
  /** ISO 8601 in UTC. */
  at: string;
  /** `upload` is a weak witness: when the file came, not when the picture was taken. */
  source: 'file' | 'path' | 'upload';
}

/**
 * An elapsed stamp counts from the start of the instrument's scan. The first dosing is the only zero that the notes know,
 * so it is taken for it: a scan that began earlier or later is off by as much.
 */
export function acquisitionOf(reading: Reading, name: ImageName, study: Study | undefined): Acquisition {
  const offset = study?.firstDosing.utcOffsetMinutes ?? 0;
  if (study && name.elapsedHours !== undefined) {
    const at = Date.parse(study.firstDosing.at) + name.elapsedHours * HOUR_MS;
    return { at: new Date(at).toISOString(), source: 'path' };
  }
  const file = toUtc(reading.image?.takenAt, offset);
  if (file) return { at: file, source: 'file' };
  const path = toUtc(name.takenAt, offset);
  if (path) return { at: path, source: 'path' };
  return { at: reading.uploadedAt, source: 'upload' };
}

/** Times without an offset are the lab's local time. */
function toUtc(text: string | undefined, utcOffsetMinutes: number): string | undefined {
  if (text === undefined) return undefined;
  const hasOffset = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const instant = hasOffset ? Date.parse(text) : Date.parse(`${text}Z`) - utcOffsetMinutes * 60_000;
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
}

/** Whether the time is that of the picture, not only of its upload. */
export const isTimed = ({ source }: Acquisition, study: Study | undefined): boolean =>
  source !== 'upload' || (study?.uploadTimeIsImagingTime ?? false);
