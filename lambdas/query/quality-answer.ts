/** What the API answers of a plate read's quality. */
import { z } from 'zod';
import { PLATE_VERDICTS } from '../domain/plate-quality/findings.ts';

const well = z.string().describe('A01 to AF48');
const fraction = z.number().nullable();
const effect = z
  .object({ effect: z.number().describe('Fraction of the level: −0.1 reads 10 % less'), z: z.number() })
  .nullable();
const missing = z.string().optional().describe('Why measures are null');

export const plateQualityAnswer = z
  .object({
    verdict: z
      .enum(PLATE_VERDICTS)
      .describe('reject: its compounds are not scored, unless study.json asks only to be told'),
    findings: z.array(z.object({ measure: z.string(), verdict: z.enum(['review', 'reject']), reason: z.string() })),
    wells: z.number().int().describe('Wells that count'),
    leftOut: z.array(z.object({ well, reason: z.string() })).describe('Wells with a value that do not count'),
    controls: z.object({
      vehicleWells: z.number().int(),
      vehicleCv: fraction,
      robustVehicleCv: fraction,
      positiveWells: z.number().int(),
      zPrime: fraction,
      robustZPrime: fraction,
      ssmd: z.number().nullable(),
      signalWindow: z.number().nullable(),
      missing,
    }),
    spatial: z.object({
      edge: effect,
      rowDrift: effect,
      columnDrift: effect,
      nrfe: z.number().nullable().describe('Normalised residual fit error, per cent'),
      neighbours_z: z.number().nullable().describe("Moran's I of the residuals, in standard errors from chance"),
      missing: z.array(z.string()),
    }),
    replicates: z.object({ groups: z.number().int(), sd: fraction, missing }),
    outliers: z
      .array(z.object({ well, role: z.string(), distance: z.number(), reason: z.string() }))
      .describe('Far from what they should read, also wells that count'),
    backgrounds: z.array(
      z.object({ compound: z.string(), from_uM: z.number(), change: z.number(), reason: z.string() }),
    ),
  })
  .meta({ id: 'PlateQuality' });
