/** What the API answers, as schemas: openapi.yaml is made of them, and clients may parse by them. */
import { z } from 'zod';
import { LOSS_LEVELS } from '../domain/icx.ts';
import { NORMALISATIONS } from '../domain/normalise.ts';
import { ROLES } from '../domain/platemap.ts';
import { qualitySchema } from '../domain/quality.ts';
import { imageFactsSchema, modelIdentitySchema, rejectionSchema } from '../domain/reading.ts';
import { plateQualityAnswer } from './quality-answer.ts';

const day = z.number().describe('Nominal imaging day after first dosing');
const instant = z.string().describe('ISO 8601');
const well = z.string().describe('A01 to AF48');
const finiteOrInfinite = z.union([z.number(), z.literal('inf')]);
const simulated = z
  .boolean()
  .nullable()
  .describe('True when the images are simulated: no result is of a real drug; null when nobody says');
const nextCursor = z.string().nullable().describe('Ask for the next page with ?cursor=; null on the last one');
const unknown = z.string().describe('Why there is no score. What is not known is never a good sign').optional();

const verdict = z
  .object({
    label: z.string().describe('strong signal, signal, weak signal, no loss seen up to k × Cmax, or unknown'),
    reason: z.string().optional(),
    provisional: z.boolean().describe('True until the plate reads of the day are complete'),
  })
  .meta({ id: 'Verdict' });

const auc = z
  .object({
    n: z.number().int(),
    nPositive: z.number().int(),
    mos: z.number().nullable().describe('ROC AUC of the margin of safety; null when a class is empty'),
    exposureOnly: z.number().nullable().describe('ROC AUC of Cmax alone, the baseline'),
    note: z.string(),
  })
  .meta({ id: 'Auc' });

const keyAndReason = z.object({ key: z.string(), reason: z.string() });

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
      .object({ name: z.string(), reason: z.string(), at: instant })
      .nullable()
      .default(null)
      .describe('Who keeps the scores as they stand, whatever is read later; null while nobody does'),
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

const icx = z.object(
  Object.fromEntries(LOSS_LEVELS.map((level) => [`ic${level}_uM`, finiteOrInfinite])) as Record<
    `ic${(typeof LOSS_LEVELS)[number]}_uM`,
    typeof finiteOrInfinite
  >,
);

const ranked = {
  compound: z.string(),
  day,
  fit: z
    .object({
      ic50_uM: z.number().describe('Raw, before censoring'),
      hill: z.number(),
      sse: z.number(),
      r2: z.number(),
      mae: z.number(),
    })
    .nullable(),
  icx_uM: icx.nullable().describe('After censoring; "inf" = no such loss seen'),
  extrapolated: z.boolean(),
  lowestTested_uM: z.number(),
  highestTested_uM: z.number(),
  cmax_uM: z.number().optional(),
  cmaxRange_uM: z.array(z.number()).length(2).optional(),
  mos: finiteOrInfinite.nullable().describe('IC50 / Cmax'),
  wells: z
    .object({ counted: z.number().int(), leftOut: z.number().int() })
    .optional()
    .describe('Wells of the compound that the result rests on; absent in scores made before they were counted'),
  verdict,
  dili: z.object({
    label: z.union([z.literal(0), z.literal(1)]).nullable(),
    dilirank: z.string().optional(),
    dilist: z.string().optional(),
  }),
  nearNames: z.array(z.string()).optional(),
};

const provenance = z
  .object({
    scoringVersion: z.string(),
    method: z.string(),
    readings: z.array(z.object({ key: z.string(), versionId: z.string() })),
    leftOut: z.array(keyAndReason),
    vehicleLevels: z.array(
      z.object({ plate: z.string(), median: z.number(), n: z.number().int(), pooled: z.boolean() }),
    ),
    pooledFallback: z.boolean(),
    modelIdentities: z.array(z.string()),
    preprocessingVersions: z.array(z.string()),
    notes: z.object({
      study: z.string().optional(),
      exclusions: z.string().optional(),
      maps: z.record(z.string(), z.string()),
    }),
    normalisation: z.enum(NORMALISATIONS).optional().describe('What viability was made relative to'),
    reference: z.string().optional().describe('SHA-256 of the drug reference that gave Cmax and DILI labels'),
  })
  .meta({ id: 'Provenance' });

export const compoundDay = z
  .object({
    ...ranked,
    points: z.array(
      z.object({
        concentration_uM: z.number(),
        viability: z.number().describe('Median, relative to vehicle'),
        n: z.number().int(),
        min: z.number(),
        max: z.number(),
      }),
    ),
    cmaxSource: z.string().optional(),
    provenance: provenance.optional(),
  })
  .meta({ id: 'CompoundDay' });

export const compoundAnswer = z
  .object({
    study: z.string(),
    compound: z.string(),
    simulated,
    scoredAt: instant.nullable(),
    unknown,
    days: z.array(compoundDay),
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
    compounds: z.array(z.object(ranked)).describe('Riskiest first'),
    auc: auc.nullable(),
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
