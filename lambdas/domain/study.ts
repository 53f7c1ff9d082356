/** `study.json`: what the lab says of a study. */
import { z } from 'zod';
import { compileNamingPattern } from './naming-pattern.ts';
import { NotesError } from './notes-error.ts';

const isoWithOffset = z.iso.datetime({ offset: true });
const zonedTime = z.object({
  /** Local time without offset, for example `2026-03-02T09:00:00`. */
  at: z.iso.datetime({ local: true }),
  /** IANA name, for example `Europe/Zurich`. */
  timeZone: z.string().refine(isTimeZone, 'is not a time zone name such as Europe/Zurich'),
});

export const studySchema = z.strictObject({
  name: z.string().optional(),
  location: z.string().min(1),
  microscope: z.string().min(1),
  cellModel: z.string().min(1),
  donor: z.string().optional(),
  /** When the first dose was given: the zero of all days. */
  firstDosing: z.union([isoWithOffset, zonedTime]).transform(toLabTime),
  vehicleControls: z.array(z.string()).default(['dmso']),
  untreatedControls: z.array(z.string()).default(['medium']),
  /** Nominal imaging days after first dosing. */
  imagingDays: z.array(z.number().min(0)).default([]),
  imagingToleranceHours: z.number().positive().max(72).default(12),
  /** True bit depth of the camera where files do not say it. */
  bitDepth: z.union([z.literal(8), z.literal(10), z.literal(12), z.literal(14), z.literal(16)]).optional(),
  /** Regular expression with named groups over the path below the plate: well or row and column; field, z, channel, day, date. */
  namingPattern: z.string().optional(),
  /** The lab's own total plasma Cmax values; they win over the reference. */
  cmax_uM: z.record(z.string(), z.number().positive()).default({}),
  /** True for simulated images: every table and page that shows results then says so. */
  simulated: z.boolean().default(false),
});

export type Study = z.infer<typeof studySchema>;

/** @throws NotesError naming the field. */
export function parseStudy(json: string, file: string): Study {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new NotesError(
      file,
      `is not JSON (${error instanceof Error ? error.message : 'unreadable'})`,
      'Check commas and quotes; a JSON editor shows the place.',
    );
  }
  const parsed = studySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') || 'the file';
    throw new NotesError(
      file,
      `${field}: ${issue?.message ?? 'not valid'}`,
      'The fields of study.json are listed in docs/data-model.md.',
    );
  }
  if (parsed.data.namingPattern !== undefined) compileNamingPattern(parsed.data.namingPattern, file);
  return parsed.data;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A moment, and how far the lab's clocks were from UTC then: files often carry local times without offset. */
export interface LabTime {
  /** ISO 8601 in UTC. */
  at: string;
  utcOffsetMinutes: number;
}

function toLabTime(value: string | z.infer<typeof zonedTime>): LabTime {
  if (typeof value === 'string') {
    const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})$/.exec(value) ?? [];
    const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
    return { at: new Date(value).toISOString(), utcOffsetMinutes: offset };
  }
  const asUtc = Date.parse(`${value.at}Z`);
  // Twice, so that a time near a daylight-saving change takes the offset that holds at that time.
  const first = asUtc - offsetMs(asUtc, value.timeZone);
  const offset = offsetMs(first, value.timeZone);
  return { at: new Date(asUtc - offset).toISOString(), utcOffsetMinutes: offset / 60_000 };
}

function offsetMs(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(instant);
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(text);
  if (!match) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
