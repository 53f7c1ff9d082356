/** `nvir analyse`: the DILI analysis on a table of viability values. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import {
  type AnalysedCurve,
  analyseTable,
  type CompoundFacts,
  type TableAnalysis,
  type ViabilityRow,
} from '../../lambdas/domain/analyse-table.ts';
import type { Concentration } from '../../lambdas/domain/icx.ts';
import { compoundKey } from '../../lambdas/domain/reference.ts';
import { figure, figureFrom, note, print, printJson, table, UserError } from '../console.ts';
import { filled, numberIn, readRows } from '../csv-rows.ts';

interface AnalyseOptions {
  compounds: string;
  vehicle: string;
  untreated: string;
  method: 'nvir';
  intervals?: true;
  json?: true;
}

export function analyseCommand(): Command {
  return new Command('analyse')
    .description('the DILI analysis on a table of viability values (ATP plates, for example), without any cloud')
    .argument('<readings.csv>', 'location,microscope,study,plate,day,compound,concentration_uM,viability (or y_pred)')
    .requiredOption('--compounds <csv>', 'compound,cmax_uM,dili (1 = DILI concern, 0 = none, empty = not labelled)')
    .option('--vehicle <name>', 'name of the vehicle control', 'dmso')
    .option('--untreated <name>', 'name of the untreated control', 'medium')
    .addOption(
      new Option('--method <name>', 'dose-response method')
        .choices(['nvir'])
        .default('nvir', 'nvir: two-parameter fit on medians, as published'),
    )
    .option(
      '--intervals',
      'also the curve that the wells support (no effect, 2PL, 3PL or 4PL by AICc), with 95 % intervals that carry the error of the controls',
    )
    .option('--json', 'curves, AUCs and plates that were left out as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 when a plate was left out for want of usable vehicle wells, 2 when a file cannot be used.',
    )
    .action(async (file: string, options: AnalyseOptions) => {
      const rows = await readReadings(file);
      const facts = await readCompounds(options.compounds);
      const control = controlOf(options);
      const analysis = analyseTable(rows, (compound) => facts.get(compoundKey(compound)), control, {
        intervals: options.intervals ?? false,
      });
      if (!rows.some(({ compound }) => control(compound) === 'vehicle'))
        note(`no row is of the vehicle control "${options.vehicle}": name yours by --vehicle`);
      for (const reason of analysis.leftOut) note(`left out: ${reason}`);
      if (options.json) printJson(asJson(analysis));
      else printTables(analysis);
      if (analysis.leftOut.length > 0 || analysis.curves.length === 0) process.exitCode = 1;
    });
}

const controlOf =
  ({ vehicle, untreated }: AnalyseOptions) =>
  (compound: string): 'vehicle' | 'untreated' | undefined => {
    if (compoundKey(compound) === compoundKey(vehicle)) return 'vehicle';
    return compoundKey(compound) === compoundKey(untreated) ? 'untreated' : undefined;
  };

const text = z.string().default('');

function readingSchema(commaIsDecimal: boolean) {
  const number = numberIn(commaIsDecimal);
  return z
    .object({
      location: text,
      microscope: text,
      study: text,
      plate: filled,
      day: filled.pipe(number),
      compound: filled,
      concentration_uM: z
        .string()
        .transform((value) => (value === '' ? '0' : value))
        .pipe(number)
        .refine((value) => value >= 0, 'is negative'),
      viability: filled.pipe(number).optional(),
      y_pred: filled.pipe(number).optional(),
    })
    .transform(({ y_pred, viability, ...row }, context): ViabilityRow => {
      const value = viability ?? y_pred;
      if (value === undefined)
        context.addIssue({ code: 'custom', message: 'is missing (y_pred is accepted too)', path: ['viability'] });
      return { ...row, viability: value ?? 0 };
    });
}

const compoundSchema = (commaIsDecimal: boolean) =>
  z.object({
    compound: filled,
    cmax_uM: z
      .string()
      .transform((value) => (value === '' ? undefined : value))
      .pipe(
        numberIn(commaIsDecimal)
          .refine((value) => value > 0, 'is not a positive number')
          .optional(),
      ),
    dili: z
      .enum(['0', '1', ''])
      .default('')
      .transform((value): 0 | 1 | undefined => (value === '' ? undefined : value === '1' ? 1 : 0)),
  });

async function readReadings(file: string): Promise<ViabilityRow[]> {
  const rows = await readRows(file, readingSchema, 'analyse');
  if (rows.length === 0)
    throw new UserError(`${file} holds no rows`, 'Give one row a well; `nvir analyse --help` names the columns.');
  return rows;
}

async function readCompounds(file: string): Promise<Map<string, CompoundFacts>> {
  const facts = new Map<string, CompoundFacts>();
  for (const { compound, cmax_uM, dili } of await readRows(file, compoundSchema, 'analyse')) {
    const key = compoundKey(compound);
    if (facts.has(key))
      throw new UserError(
        `${file}: ${compound} stands twice`,
        'Keep one row a compound; case, spaces and hyphens do not tell names apart.',
      );
    facts.set(key, { ...(cmax_uM === undefined ? {} : { cmax_uM }), ...(dili === undefined ? {} : { dili }) });
  }
  return facts;
}

/** JSON has no infinity: the text `inf` stands for it. */
const finite = (value: number): Concentration => (Number.isFinite(value) ? value : 'inf');

function asJson({ curves, auc, leftOut }: TableAnalysis): unknown {
  return {
    curves: curves.map(({ compound, day, fit, icx_uM, extrapolated, mos, verdict, profile }) => ({
      compound,
      day,
      ic50_uM: fit ? finite(fit.ic50_uM) : null,
      hill: fit?.hill ?? null,
      sse: fit?.sse ?? null,
      censored: icx_uM,
      mos,
      verdict: verdict.label,
      ...(verdict.reason ? { reason: verdict.reason } : {}),
      extrapolated,
      ...(profile === undefined ? {} : { profile }),
    })),
    auc,
    leftOut,
  };
}

function printTables({ curves, auc }: TableAnalysis): void {
  const intervals = curves.some(({ profile }) => profile !== undefined);
  for (const { day, n, mos, exposureOnly } of auc) {
    const ofDay = curves.filter((curve) => curve.day === day).sort((a, b) => order(a) - order(b));
    print(`Day ${day}`);
    print(
      table<AnalysedCurve>(
        [
          { title: 'compound', value: (row) => row.compound },
          { title: 'IC50, µM', value: (row) => figureFrom(row.lowestTested_uM, row.icx_uM?.ic50_uM), align: 'right' },
          ...(intervals ? [{ title: 'IC50 of the supported curve (95 %), µM', value: supported }] : []),
          { title: 'IC20, µM', value: (row) => figure(row.icx_uM?.ic20_uM ?? null), align: 'right' },
          { title: 'r²', value: (row) => figure(row.fit?.r2 ?? null), align: 'right' },
          { title: 'MOS', value: (row) => figure(row.mos), align: 'right' },
          {
            title: 'verdict',
            value: (row) => row.verdict.label + (row.verdict.reason ? ` (${row.verdict.reason})` : ''),
          },
        ],
        ofDay,
      ),
    );
    print(`ROC AUC: MOS ${figure(mos)}, exposure only (1/Cmax) ${figure(exposureOnly)}, n = ${n}\n`);
  }
}

const order = ({ mos }: AnalysedCurve): number =>
  mos === null ? Number.POSITIVE_INFINITY : mos === 'inf' ? 1e12 : mos;

/** `3PL 12.1 (8.4 to 17.3)`: the model, its IC50 and the 95 % interval; an open end is `?`. */
function supported({ profile }: AnalysedCurve): string {
  const half = profile?.losses.find(({ level }) => level === 50);
  if (!profile || !half) return '-';
  const { concentration_uM, beyond, low_uM, high_uM } = half;
  const edge = beyond === 'above highest tested' ? profile.highestTested_uM : profile.lowestTested_uM;
  const value =
    concentration_uM === null
      ? `${beyond === 'above highest tested' ? '>' : '<'} ${figure(edge)}`
      : figure(concentration_uM);
  if (profile.model === 'constant') return `no dose-response, ${value}`;
  const end = (limit: number | null): string => (limit === null ? '?' : figure(limit));
  return `${profile.model} ${value} (${end(low_uM)} to ${end(high_uM)})`;
}
