/** The parity data, parsed: readings, the paper's own results, and the labels. See fixtures/README.md. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { DosePoint } from '../../lambdas/domain/dose-response/dose-response.ts';
import type { ViabilityRow } from '../../lambdas/domain/scoring/analyse-table.ts';
import { doseSummaries } from '../../lambdas/domain/scoring/assess.ts';
import { groupBy, median } from '../../lambdas/domain/statistics.ts';

const rows = (name: string): unknown =>
  parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'), { columns: true });

const infinite = z
  .string()
  .transform((text) => (text === 'inf' || text === '' ? Number.POSITIVE_INFINITY : Number(text)));

export const PUBLISHED = z
  .array(
    z.object({
      day: z.coerce.number(),
      compound: z.string(),
      hill_coeff: z.coerce.number(),
      ic50: z.coerce.number(),
      r_squared: z.coerce.number(),
      ic10_censored: infinite,
      ic15_censored: infinite,
      ic20_censored: infinite,
      ic25_censored: infinite,
      ic30_censored: infinite,
      ic40_censored: infinite,
      ic50_censored: infinite,
      cmax: z.coerce.number(),
      binary_label: z.coerce.number().transform((value): 0 | 1 => (value === 1 ? 1 : 0)),
    }),
  )
  .parse(rows('parity-dose-response.csv'));

export const READINGS: ViabilityRow[] = z
  .array(
    z.object({
      plate: z.string(),
      day: z.coerce.number(),
      compound: z.string(),
      concentration_uM: z.coerce.number(),
      y_pred: z.coerce.number(),
    }),
  )
  .parse(rows('parity-readings.csv'))
  .map(({ y_pred, ...row }) => ({ ...row, viability: y_pred, location: 'A', microscope: 'echo_rebel', study: 's1' }));

export const COMPOUNDS = new Map(
  z
    .array(
      z.object({
        compound: z.string(),
        cmax_uM: z.coerce.number(),
        dili: z.coerce.number().transform((value): 0 | 1 => (value === 1 ? 1 : 0)),
      }),
    )
    .parse(rows('parity-compounds.csv'))
    .map((row) => [row.compound, row]),
);

/** Medians of one curve, normalised here by hand: an independent way to what analyseTable does. */
export function normalisedPoints(day: number, compound: string): DosePoint[] {
  const ofDay = READINGS.filter((row) => row.day === day);
  const pool = ofDay.filter((row) => row.compound === 'dmso');
  const own = groupBy(pool, (row) => row.plate);
  return doseSummaries(
    ofDay
      .filter((row) => row.compound === compound)
      .map((row) => ({
        ...row,
        viability: row.viability / median((own.get(row.plate) ?? pool).map((vehicle) => vehicle.viability)),
      })),
  );
}
