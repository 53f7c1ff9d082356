/** What the API says of a compound's score and of a ranking, as schemas. */
import { z } from 'zod';
import { MODEL_NAMES } from '../domain/curves/models.ts';
import { LOSS_LEVELS } from '../domain/dose-response/icx.ts';
import { SCORING_METHODS } from '../domain/notes/study.ts';
import { NORMALISATIONS } from '../domain/scoring/normalise.ts';

export const day = z.number().describe('Nominal imaging day after first dosing');
export const keyAndReason = z.object({ key: z.string(), reason: z.string() });

const finiteOrInfinite = z.union([z.number(), z.literal('inf')]);
const openEnd = z.number().nullable().describe('null: the interval is open on this side');
const ends = { low_uM: openEnd, high_uM: openEnd };

const verdict = z
  .object({
    label: z.string().describe('strong signal, signal, weak signal, no loss seen up to k × Cmax, or unknown'),
    reason: z.string().optional(),
    provisional: z.boolean().describe('True until the plate reads of the day are complete'),
    method: z.enum(SCORING_METHODS).describe('What it rests on: the supported curve, or the paper’s fit'),
    couldAlsoBe: z
      .array(z.string())
      .optional()
      .describe('Labels that the 95 % interval, with the published range of Cmax, does not exclude'),
  })
  .meta({ id: 'Verdict' });

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable();

export const auc = z
  .object({
    n: z.number().int(),
    nPositive: z.number().int(),
    mos: z
      .number()
      .nullable()
      .describe('ROC AUC of the margin of safety by the paper’s fit; null when a class is empty'),
    supported: z.number().nullable().describe('ROC AUC of the margin of safety by the supported curve'),
    exposureOnly: z.number().nullable().describe('ROC AUC of Cmax alone, the baseline'),
    intervals: z
      .object({
        mos: estimate,
        supported: estimate,
        exposureOnly: estimate,
        difference: estimate.describe('Of the margin that ranks, less the baseline, on the same compounds'),
      })
      .describe('95 %'),
    note: z.string().describe('Whether this many compounds can show a difference from the baseline'),
  })
  .meta({ id: 'Auc' });

const count = z.number().int();

export const setAccuracy = z
  .object({
    set: z.string().describe('Which compounds'),
    n: count.describe('Labelled compounds with a margin of safety, or a limit of one'),
    nPositive: count,
    unknown: count.describe('Labelled compounds without: left out, for unknown is not "no effect"'),
    points: z.array(
      z.object({
        mosBelow: z.number().describe('Flagged: margin of safety below this'),
        n: count,
        undetermined: count.describe('A limit on the wrong side of the threshold to say'),
        truePositives: count,
        falseNegatives: count,
        falsePositives: count,
        trueNegatives: count,
        sensitivity: estimate,
        specificity: estimate,
        likelihoodRatioPositive: estimate,
        likelihoodRatioNegative: estimate,
      }),
    ),
  })
  .meta({ id: 'SetAccuracy' });

const icx = z.object(
  Object.fromEntries(LOSS_LEVELS.map((level) => [`ic${level}_uM`, finiteOrInfinite])) as Record<
    `ic${(typeof LOSS_LEVELS)[number]}_uM`,
    typeof finiteOrInfinite
  >,
);

const supported = z
  .object({
    model: z.enum(MODEL_NAMES).describe('constant: no dose-response'),
    curve: z.object({
      upper: z.number(),
      lower: z.number(),
      middle_uM: z.number().nullable(),
      hill: z.number(),
    }),
    aicc: z.partialRecord(z.enum(MODEL_NAMES), z.number()),
    noise: z.number().describe('Standard deviation of a vehicle well, relative to the vehicle level'),
    losses: z
      .array(
        z.object({
          level: z.number().describe('Percent of the vehicle’s viability that is lost'),
          concentration_uM: z.number().nullable().describe('null: outside the tested doses, or not known'),
          ...ends,
          beyond: z
            .enum(['above highest tested', 'below lowest tested'])
            .nullable()
            .describe('null, with a concentration that is null too: not known, the wells support no dose-response'),
          censored: z.string().optional().describe('> 412 µM (highest tested), < 0.1 µM (lowest tested), not known'),
          parts: z
            .object({
              wells: z.object(ends).describe('The scatter of wells and controls, and the choice of a model'),
              model: z
                .object({
                  ...ends,
                  halfWidth95: z.number().describe('Of viability at this level, relative to vehicle'),
                })
                .describe('What the model that reads images misreads in all wells of the study alike'),
            })
            .optional()
            .describe(
              'What the interval is made of, each as it alone would leave it; absent where readings state no error that they share',
            ),
        }),
      )
      .describe('With 95 % intervals; IC10 and IC50 in a ranking'),
    wells: z.number().int(),
    vehicleWells: z.number().int(),
  })
  .meta({ id: 'SupportedCurve' });

const interval = {
  mos: z.number(),
  low: openEnd,
  high: openEnd,
  lowWithCmax: openEnd.describe('Lowest IC50 of the interval / highest published Cmax'),
  highWithCmax: openEnd.describe('Highest IC50 of the interval / lowest published Cmax'),
};

const margin = z
  .object({
    relation: z
      .enum(['=', '>', '<'])
      .describe('>: the IC50 lies above the highest tested dose, and so the margin above mos'),
    ...interval,
    free: z
      .object({ fractionUnbound: z.number(), ...interval })
      .optional()
      .describe('On free Cmax'),
  })
  .meta({ id: 'Margin' });

const score = {
  compound: z.string(),
  day,
  supported: supported.nullable().describe('The curve that the wells support'),
  margin: margin
    .nullable()
    .describe('IC50 / Cmax by the supported curve, with 95 % interval; null where it is not known'),
  fit: z
    .object({
      ic50_uM: z.number().describe('Raw, before censoring'),
      hill: z.number(),
      sse: z.number(),
      r2: z.number(),
      mae: z.number(),
    })
    .nullable()
    .describe('The paper’s two-parameter fit on medians'),
  icx_uM: icx.nullable().describe('Of the paper’s fit, after censoring; "inf" = no such loss seen'),
  extrapolated: z.boolean().describe('Of the paper’s fit'),
  lowestTested_uM: z.number(),
  highestTested_uM: z.number(),
  cmax_uM: z.number().optional(),
  cmaxRange_uM: z.array(z.number()).length(2).optional(),
  fractionUnbound: z.number().optional(),
  mos: finiteOrInfinite.nullable().describe('IC50 / Cmax by the paper’s fit'),
  wells: z
    .object({ counted: count, leftOut: count })
    .optional()
    .describe('Wells of the compound that the result rests on; absent in scores made before they were counted'),
  verdict,
  dili: z.object({
    label: z.union([z.literal(0), z.literal(1)]).nullable(),
    dilirank: z.string().optional(),
    dilist: z.string().optional(),
  }),
  nearNames: z.array(z.string()).optional(),
  panel: z
    .object({
      expected_uM: z.array(z.number()).length(2).nullable(),
      ic50_uM: z.number().nullable(),
      state: z.enum(['within', 'below', 'above', 'unknown']),
    })
    .optional()
    .describe('Of a compound of the in-house reference panel: whether it is as study.json expects'),
};

export const ranked = z.object(score);

const provenance = z
  .object({
    scoringVersion: z.string(),
    method: z.string(),
    thresholds: z.record(z.string(), z.number()).describe('Of the verdict, as they were used'),
    readings: z
      .array(
        z.object({
          key: z.string(),
          versionId: z.string(),
          sha256: z.string().optional().describe('Of the object’s bytes'),
          well: z.string(),
          role: z.enum(['treated', 'vehicle', 'day-0']).describe('day-0: what the well was divided by'),
          concentration_uM: z.number().optional(),
          viability: z.number().describe('As the model reads it, before normalisation'),
        }),
      )
      .describe('Every image that counted'),
    leftOut: z.array(keyAndReason),
    vehicleLevels: z.array(
      z.object({ plate: z.string(), median: z.number(), n: z.number().int(), pooled: z.boolean() }),
    ),
    pooledFallback: z.boolean(),
    modelIdentities: z.array(z.string()),
    models: z
      .array(z.object({ plate: z.string(), model: z.string() }))
      .optional()
      .describe('Where several models read the compound’s own wells: which plate each of them read'),
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
    ...score,
    donor: z.string().optional(),
    story: z
      .array(z.string())
      .optional()
      .describe('From the verdict to the pixels, in sentences; left out with ?provenance=false'),
    statement: z.string().describe('The verdict as a sentence that can stand alone, with what it does not cover'),
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

export const compoundCourse = z
  .object({
    compound: z.string(),
    days: z.array(day),
    provisional: z
      .boolean()
      .optional()
      .describe('True until the plate reads of all its days are complete; absent in scores made before it was said'),
    ic50: z
      .array(
        z.object({
          day,
          concentration_uM: z.number().nullable(),
          ...ends,
          censored: z.string().optional(),
        }),
      )
      .describe(
        'By the supported curve, with 95 % interval; what the model misreads is in each, and the same on all days that one model read',
      ),
    onset: z
      .object({ day: day.nullable(), note: z.string() })
      .describe('First day with a loss of 20 % at a tested dose'),
    delayed: z
      .object({
        firstDay: day,
        lastDay: day,
        concentration_uM: z.number(),
        from: z.number(),
        to: z.number(),
        fold: z.number().describe('IC50 of the first day over that of the last'),
        isLowerBound: z.boolean(),
        provisional: z.boolean().optional().describe('True until the plate reads of both days are complete'),
        finding: z.string(),
      })
      .nullable()
      .describe('A loss that the last day shows and the first does not'),
    concentrations: z.array(
      z.object({
        concentration_uM: z.number(),
        points: z.array(z.object({ day, viability: z.number() })),
        timeTo50_days: z.number().nullable(),
        timeTo50Censored: z
          .string()
          .optional()
          .describe('≤ day 3 (first read), > day 7 (last read), no read after the first dose'),
        area_viabilityDays: z.number().nullable(),
        meanViability: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'CompoundCourse' });
