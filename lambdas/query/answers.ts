/** What the API answers, as schemas: openapi.yaml is made of them, and clients may parse by them. */
import { z } from 'zod';
import { ROLES } from '../domain/notes/platemap.ts';
import { qualitySchema } from '../domain/reads/quality.ts';
import { imageFactsSchema, modelIdentitySchema, rejectionSchema } from '../domain/reads/reading.ts';
import { plateQualityAnswer } from './quality-answer.ts';
import { auc, compoundCourse, compoundDay, day, keyAndReason, ranked, setAccuracy } from './score-schemas.ts';

const instant = z.string().describe('ISO 8601');
const well = z.string().describe('A01 to AF48');
const simulated = z
  .boolean()
  .nullable()
  .describe('True when the images are simulated: no result is of a real drug; null when nobody says');
const nextCursor = z.string().nullable().describe('Ask for the next page with ?cursor=; null on the last one');
const unknown = z.string().describe('Why there is no score. What is not known is never a good sign').optional();

const plateRead = z
  .object({
    day,
    complete: z.boolean(),
    expectedWells: z.number().int(),
    imagedWells: z.number().int(),
    absentWells: z.array(well),
    rejected: z.array(keyAndReason),
    superseded: z.number().int(),
    usable: z.number().int(),
    firstTakenAt: instant,
    lastTakenAt: instant,
    quality: plateQualityAnswer.optional().describe('As the scores that stand judged it'),
  })
  .meta({ id: 'PlateRead' });

const content = {
  compound: z.string().optional(),
  concentration_uM: z.number().optional(),
  role: z.enum(ROLES).optional(),
};

export const studiesAnswer = z
  .object({
    studies: z.array(
      z.object({
        study: z.string(),
        scoredAt: instant.nullable(),
        simulated,
        days: z.array(day),
        plates: z.number().int(),
        problems: z.number().int(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'Studies' });

export const studyAnswer = z
  .object({
    study: z.string(),
    name: z.string().optional(),
    location: z.string().optional(),
    microscope: z.string().optional(),
    cellModel: z.string().optional(),
    donor: z.string().optional(),
    firstDosing: instant.optional(),
    imagingDays: z.array(day),
    simulated,
    scoredAt: instant.nullable(),
    scoringVersion: z.string().nullable(),
    unknown,
    days: z.array(z.object({ day, provisional: z.boolean(), compounds: z.array(z.string()), auc })),
    plates: z.array(
      z.object({
        plate: z.string(),
        hasMap: z.boolean(),
        unplaced: z.number().int(),
        reads: z.array(
          z.object({
            day,
            complete: z.boolean(),
            expectedWells: z.number().int(),
            imagedWells: z.number().int(),
            absentWells: z.number().int(),
            rejected: z.number().int(),
            usable: z.number().int(),
            quality: plateQualityAnswer.shape.verdict.optional(),
          }),
        ),
      }),
    ),
    lock: z
      .object({ name: z.string().nullable(), reason: z.string(), at: instant.nullable() })
      .nullable()
      .default(null)
      .describe(
        'Who keeps the scores as they stand, whatever is read later; null while nobody does. Without a name, a lock.json or exclusions.csv that cannot be read does',
      ),
    problems: z.array(z.string()).describe('What a person should mend'),
  })
  .meta({ id: 'Study' });

export const plateAnswer = z
  .object({
    study: z.string(),
    plate: z.string(),
    simulated,
    hasMap: z.boolean(),
    map: z.array(z.object({ well, ...content })),
    reads: z.array(plateRead),
    unplaced: z.array(keyAndReason).describe('Images that belong to no plate read or no well yet'),
    problems: z.array(z.string()),
  })
  .meta({ id: 'Plate' });

const placedReading = z
  .object({
    key: z.string(),
    path: z.string(),
    versionId: z.string(),
    revision: z.number().int(),
    status: z.enum(['read', 'rejected']),
    placement: z.enum(['used', 'superseded', 'rejected', 'unplaced']),
    reason: z.string().optional().describe('Why it does not count'),
    well: well.optional(),
    field: z.string(),
    z: z.string(),
    channel: z.string(),
    day: day.nullable(),
    takenAt: instant,
    takenAtSource: z.enum(['file', 'path', 'upload']),
    ...content,
    viability: z.number().optional().describe('ATP relative to untreated, as the model reads it; not normalised'),
    halfWidth90: z
      .number()
      .optional()
      .describe('Half of the width of the 90 % interval of `viability`; not there when the model was not calibrated'),
    domainDistance: z
      .number()
      .optional()
      .describe(
        'Distance of the image to the model’s training images, 1 = the 99th percentile of known ones; beyond it `quality.flags` has `outOfDomain`',
      ),
    sharedHalfWidth90: z
      .number()
      .optional()
      .describe(
        'The part of `halfWidth90`, in its unit, that all images of one location and microscope share at that viability, and that dividing by their controls does not take out: more wells do not average it out. Not there when no domain was held out for the model',
      ),
    quality: qualitySchema.optional(),
    rejection: rejectionSchema.optional(),
    image: imageFactsSchema.optional(),
    model: modelIdentitySchema.optional(),
    preprocessingVersion: z.string(),
    uploadedAt: instant,
    readAt: instant,
  })
  .meta({ id: 'Reading' });

export const readingsAnswer = z
  .object({
    study: z.string(),
    plate: z.string(),
    simulated,
    readings: z.array(placedReading),
    nextCursor,
  })
  .meta({ id: 'Readings' });

export const wellAnswer = z
  .object({
    study: z.string(),
    plate: z.string(),
    well,
    simulated,
    ...content,
    series: z.array(
      z.object({
        day,
        viability: z.number().nullable().describe('Median of the accepted images; null when there is none'),
        readings: z.array(placedReading),
      }),
    ),
  })
  .meta({ id: 'WellSeries' });

export const compoundAnswer = z
  .object({
    study: z.string(),
    compound: z.string(),
    simulated,
    scoredAt: instant.nullable(),
    unknown,
    days: z.array(compoundDay),
    course: compoundCourse.nullable().describe('Over the days'),
  })
  .meta({ id: 'Compound' });

export const rankingAnswer = z
  .object({
    study: z.string(),
    simulated,
    scoredAt: instant.nullable(),
    unknown,
    day: day.nullable(),
    days: z.array(day).describe('Days that have a ranking'),
    provisional: z.boolean(),
    compounds: z.array(ranked).describe('Riskiest first'),
    auc: auc.nullable(),
    accuracy: z
      .array(setAccuracy)
      .describe('What each threshold does on reference sets, with 95 % intervals; no probability of DILI is given'),
    delayed: z
      .array(z.object({ compound: z.string(), finding: z.string() }))
      .describe('Compounds whose toxicity shows on the last day and not on the first'),
    notCovered: z.string().describe('What no verdict of this list covers'),
  })
  .meta({ id: 'Ranking' });

export const problemAnswer = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
  })
  .meta({ id: 'Problem' });
