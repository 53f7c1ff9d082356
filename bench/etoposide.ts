/**
 * Dose-response and quality of the published etoposide experiments (Parent et al. 2025, 10.1002/smsc.202500173: one measured viability a
 * spheroid, control mean 100). The tables are not part of the repository. Run: `npx tsx bench/etoposide.ts FOLDER`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import { parseDecimal } from '../lambdas/domain/decimal.ts';
import { fitDoseResponse } from '../lambdas/domain/dose-response/dose-response.ts';
import { controlQuality } from '../lambdas/domain/plate-quality/controls.ts';
import { findingsOf, worstOf } from '../lambdas/domain/plate-quality/findings.ts';
import { outliersOf } from '../lambdas/domain/plate-quality/outliers.ts';
import { replicateAgreement } from '../lambdas/domain/plate-quality/replicates.ts';
import { residualsOf } from '../lambdas/domain/plate-quality/residuals.ts';
import type { QualityWell } from '../lambdas/domain/plate-quality/wells.ts';
import { doseSummaries } from '../lambdas/domain/scoring/assess.ts';
import { median } from '../lambdas/domain/statistics.ts';

const number = z.string().transform((text, context): number => {
  const value = parseDecimal(text, true);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `${text} is no number` });
  return z.NEVER;
});
const rowSchema = z.object({
  'drug concentration (uM)': number,
  spheroIndex: z.string(),
  'viability score': number,
});

/** One value a spheroid; its place is not told apart between the chips of an experiment, so nothing is said of place. */
function spheroidsOf(file: string): QualityWell[] {
  const rows: unknown[] = parse(readFileSync(file, 'utf8'), { columns: true, bom: true, delimiter: ';' });
  const spheroids = new Map<string, QualityWell>();
  for (const row of rows.map((value) => rowSchema.parse(value))) {
    const concentration_uM = row['drug concentration (uM)'];
    const well = `${row.spheroIndex}|${concentration_uM}`;
    spheroids.set(well, {
      well,
      row: 0,
      column: 0,
      key: concentration_uM === 0 ? 'control' : 'etoposide',
      compound: concentration_uM === 0 ? 'control' : 'etoposide',
      concentration_uM,
      role: concentration_uM === 0 ? 'vehicle' : 'treated',
      viability: row['viability score'] / 100,
      flags: [],
    });
  }
  return [...spheroids.values()];
}

const NO_PLACE = { edge: null, rowDrift: null, columnDrift: null, nrfe: null, neighbours_z: null, missing: [] };
const figure = (value: number | null | undefined): string =>
  value == null ? '?' : String(Number(value.toPrecision(3)));
const percent = (value: number | null): string => (value === null ? '–' : `${Math.round(100 * value)} %`);

function lineOf(file: string): string[] {
  const wells = spheroidsOf(file);
  const controls = controlQuality(wells, []);
  const { level, wells: residuals } = residualsOf(wells);
  const replicates = replicateAgreement(wells, level);
  const findings = findingsOf({ controls, replicates, spatial: NO_PLACE, backgrounds: [] });
  const middle = median(wells.flatMap(({ role, viability }) => (role === 'vehicle' ? [viability] : [])));
  const relative = wells.map(({ concentration_uM, viability }) => ({
    scale: 'experiment',
    concentration_uM,
    viability: viability / middle,
  }));
  const doses = doseSummaries(relative.filter(({ concentration_uM }) => concentration_uM > 0));
  const curve = analyseCurve(relative);
  const half = curve?.losses.find((loss) => loss.level === 50);
  const supported = half
    ? `${curve?.model}: ${half.concentration_uM === null ? half.beyond : figure(half.concentration_uM)} (${figure(half.low_uM)} to ${figure(half.high_uM)})`
    : '–';
  return [
    file.replace(/^.*\//, '').replace('.csv', ''),
    `${wells.length} (${controls.vehicleWells})`,
    percent(controls.vehicleCv),
    percent(controls.robustVehicleCv),
    percent(replicates.sd),
    String(outliersOf(residuals).length),
    `${figure(doses.at(-1)?.viability)} at ${doses.at(-1)?.concentration_uM}`,
    figure(fitDoseResponse(doses)?.ic50_uM),
    supported,
    worstOf(findings) + (findings.length > 0 ? `: ${findings.map(({ measure }) => measure).join(', ')}` : ''),
  ];
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('give the folder of the tables');
const say = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);
const HEADER = [
  'experiment',
  'spheroids (controls)',
  'control CV',
  'robust',
  'replicate SD',
  'odd',
  'top dose, µM',
  'IC50 by the published fit, µM',
  'supported curve: IC50 (95 %), µM',
  'verdict',
];
say(HEADER);
say(HEADER.map(() => '---'));
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.csv'))
  .sort())
  say(lineOf(join(folder, file)));
