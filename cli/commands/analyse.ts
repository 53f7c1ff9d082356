/** `nvir analyse`: the DILI analysis on a table of viability values. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Concentration } from '../../lambdas/domain/dose-response/icx.ts';
import { SCORING_METHODS, type ScoringMethod } from '../../lambdas/domain/notes/study.ts';
import { byRisk } from '../../lambdas/domain/ranking/ranking.ts';
import { compoundKey } from '../../lambdas/domain/reference.ts';
import {
  type AnalysedCurve,
  analyseTable,
  type CompoundFacts,
  type TableAnalysis,
  type ViabilityRow,
} from '../../lambdas/domain/scoring/analyse-table.ts';
import { figureFrom, note, print, printJson, table, UserError } from '../console.ts';
import { filled, numberIn, readRows } from '../csv-rows.ts';
import { aucLines, supportedIc50, supportedMargin, verdictWithReason } from '../score-words.ts';

interface AnalyseOptions {
  compounds: string;
  vehicle: string;
  untreated: string;
  method: ScoringMethod;
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
    .addOption(new Option('--method <name>', 'what the verdict rests on').choices(SCORING_METHODS).default('supported'))
    .option('--intervals', 'with --method nvir: also the supported curve, beside the paper’s fit')
    .option('--json', 'curves, AUCs and plates that were left out as JSON')
    .addHelpText(
      'after',
      `
What the verdict rests on (--method):
  supported  the curve that the wells support: no effect, 2PL, 3PL or 4PL by AICc, with 95 % intervals that carry the error
             of the controls; the paper’s fit stands beside it. A table tells nothing of what a model misreads in all wells
             alike, so its intervals have no such part
  nvir       the published two-parameter fit on medians, as in the paper
In JSON, ic50_uM, hill, sse, censored and mos are always of the paper’s fit; supported and margin of the supported curve.`,
    )
    .addHelpText(
      'after',
      '\nExit code 1 when a plate was left out for want of usable vehicle wells, 2 when a file cannot be used.',
    )
    .action(async (file: string, options: AnalyseOptions) => {
      const rows = await readReadings(file);
      const facts = await readCompounds(options.compounds);
      const control = controlOf(options);
      const analysis = analyseTable(rows, (compound) => facts.get(compoundKey(compound)), control, {
        method: options.method,
        withSupported: options.method === 'supported' || options.intervals === true,
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
    curves: curves.map(({ compound, day, fit, icx_uM, extrapolated, mos, supported, margin, verdict }) => ({
      compound,
      day,
      ic50_uM: fit ? finite(fit.ic50_uM) : null,
      hill: fit?.hill ?? null,
      sse: fit?.sse ?? null,
      censored: icx_uM,
      mos,
      verdict: verdict.label,
      ...(verdict.reason ? { reason: verdict.reason } : {}),
      ...(verdict.couldAlsoBe ? { couldAlsoBe: verdict.couldAlsoBe } : {}),
      method: verdict.method,
      extrapolated,
      supported,
      margin,
    })),
    auc,
    leftOut,
  };
}

function printTables({ curves, auc }: TableAnalysis): void {
  const hasSupported = curves.some(({ supported }) => supported !== null);
  for (const ofDayAuc of auc) {
    const { day } = ofDayAuc;
    print(`Day ${day}`);
    print(
      table<AnalysedCurve>(
        [
          { title: 'compound', value: (row) => row.compound },
          ...(hasSupported
            ? [
                { title: 'curve', value: ({ supported }: AnalysedCurve) => supported?.model ?? '–' },
                { title: 'IC50 (95 %), µM', value: supportedIc50 },
                { title: 'MOS (95 %)', value: supportedMargin },
              ]
            : []),
          {
            title: 'paper’s IC50, µM',
            value: (row) => figureFrom(row.lowestTested_uM, row.icx_uM?.ic50_uM),
            align: 'right',
          },
          {
            title: 'MOS',
            value: (row) => figureFrom(row.lowestTested_uM / (row.cmax_uM ?? 1), row.mos),
            align: 'right',
          },
          { title: 'verdict', value: ({ verdict }) => verdictWithReason(verdict) },
        ],
        curves.filter((curve) => curve.day === day).sort(byRisk),
      ),
    );
    for (const line of aucLines(ofDayAuc)) print(line);
    print();
  }
}
