/** `study.json`: what the lab says of a study. */
import { z } from 'zod';
import { compileNamingPattern } from '../naming/naming-pattern.ts';
import { NORMALISATIONS } from '../scoring/normalise.ts';
import { thresholdsOf } from '../verdict/thresholds.ts';
import { NotesError } from './notes-error.ts';

const isoWithOffset = z.iso.datetime({ offset: true, error: 'is not a time such as 2026-03-02T09:00:00+01:00' });
const zonedTime = z.strictObject({
  /** Local time without offset, for example `2026-03-02T09:00:00`. */
  at: z.iso
    .datetime({ local: true, error: 'is not a local time such as 2026-03-02T09:00:00' })
    .refine((at) => !at.endsWith('Z'), 'ends with Z although timeZone is given: write the lab’s local time, without Z'),
  /** IANA name, for example `Europe/Zurich`. */
  timeZone: z.string().refine(isTimeZone, 'is not a time zone name such as Europe/Zurich'),
});

/** What a verdict may rest on. */
export const SCORING_METHODS = ['supported', 'nvir'] as const;
export type ScoringMethod = (typeof SCORING_METHODS)[number];

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
  /** Compounds whose highest dose on a plate kills for certain: what Z' is measured against. */
  positiveControls: z.array(z.string()).default([]),
  /** What viability is made relative to, see normalise.ts. */
  normalisation: z.enum(NORMALISATIONS).default('vehicle-plate'),
  /** Whether a plate read that plate quality rejects is left unscored, or only named. */
  plateQuality: z.enum(['enforce', 'report']).default('enforce'),
  /** Nominal imaging days after first dosing. */
  imagingDays: z.array(z.number().min(0)).default([]),
  imagingToleranceHours: z.number().positive().max(72).default(12),
  /** True where images are uploaded as they are taken: then the upload's time may say the day of those that carry no other. */
  uploadTimeIsImagingTime: z.boolean().default(false),
  /** True bit depth of the camera where files do not say it. */
  bitDepth: z.union([z.literal(8), z.literal(10), z.literal(12), z.literal(14), z.literal(16)]).optional(),
  /** Regular expression with named groups over the path below the plate: well or row and column; field, z, channel, day, date. */
  namingPattern: z.string().optional(),
  /** The channel that is scored, as image names say it: a number, or a word such as `phase`. */
  brightfieldChannel: z.string().min(1).optional(),
  /** The lab's own total plasma Cmax values; they win over the reference. */
  cmax_uM: z.record(z.string(), z.number().positive()).default({}),
  /** Fraction of a compound that is not bound to plasma protein, for margins on free Cmax. */
  fractionUnbound: z.record(z.string(), z.number().positive().max(1)).default({}),
  /** Expected IC50 of the compounds of the in-house reference panel, lowest and highest. */
  referencePanel: z
    .record(
      z.string(),
      z
        .tuple([z.number().positive(), z.number().positive()])
        .refine(([low, high]) => low <= high, 'is not a range, lowest first'),
    )
    .default({}),
  /** What verdicts rest on: the curve that the wells support, or the paper's fit on medians. Both are always reported. */
  method: z.enum(SCORING_METHODS).default('supported'),
  /** Own thresholds of the verdicts, in place of the conventions. */
  thresholds: z
    .strictObject({
      strongBelow: z.number().positive(),
      signalUpTo: z.number().positive(),
      testedAtLeast: z.number().positive(),
      everyDoseAtLeast: z.number().positive().max(1),
      fitLosesLessThan_percent: z.number().min(10).max(50),
    })
    .partial()
    .refine((own) => {
      const { strongBelow, signalUpTo } = thresholdsOf(own);
      return strongBelow <= signalUpTo;
    }, 'strongBelow is above signalUpTo')
    .default({}),
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
  const study = validated(value, file);
  if (study.namingPattern !== undefined) compileNamingPattern(study.namingPattern, file);
  return study;
}

function validated(value: unknown, file: string): Study {
  const remedy = 'The fields of study.json are listed in docs/data-model.md.';
  let parsed: ReturnType<typeof studySchema.safeParse>;
  try {
    parsed = studySchema.safeParse(value);
  } catch (error) {
    throw new NotesError(
      file,
      `cannot be understood (${error instanceof Error ? error.message : 'unreadable'})`,
      remedy,
    );
  }
  if (parsed.success) return parsed.data;
  const { path, message } = plainest(parsed.error.issues[0]);
  throw new NotesError(file, `${path.join('.') || 'the file'}: ${message}`, remedy);
}

type Issue = z.core.$ZodIssue;

/** Of a field that may be written in several ways, what is wrong with the way that was meant. */
function plainest(issue: Issue | undefined): { path: PropertyKey[]; message: string } {
  if (!issue) return { path: [], message: 'not valid' };
  if (issue.code !== 'invalid_union') return issue;
  const [meant] = issue.errors.flat().filter(({ code, path }) => code !== 'invalid_type' || path.length > 0);
  return meant ? { path: [...issue.path, ...meant.path], message: meant.message } : issue;
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
