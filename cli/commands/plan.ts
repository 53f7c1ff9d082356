/** `nvir plan`: what a plate layout can tell before it is dosed. */
import { Command, InvalidArgumentError } from 'commander';
import { CALLS } from '../../lambdas/domain/planning/call.ts';
import {
  compoundsThatFit,
  dosesOf,
  problemOf,
  type ScreenDesign,
  wellsUsed,
} from '../../lambdas/domain/planning/design.ts';
import { type Outcome, type Overall, overallOf } from '../../lambdas/domain/planning/outcome.ts';
import { type Advice, adviceOn, type Compared, variantsOf } from '../../lambdas/domain/planning/variants.ts';
import { sharedHalfWidth90At } from '../../simulation/misread.ts';
import { type SimulatedPlan, simulatePlan } from '../../simulation/plan.ts';
import { numberOf, wholeNumber } from '../arguments.ts';
import { figure, print, printJson, progress, table, UserError } from '../console.ts';
import { sharedHalfWidths90 } from '../model-error.ts';

interface PlanOptions {
  format: number;
  compounds?: number;
  top: number;
  doses: number;
  dilution: number;
  replicates: number;
  vehicle: number;
  other: number;
  plates: number;
  cv: number;
  modelError?: number;
  model?: string;
  cmax?: number;
  mos: number[];
  hill: number;
  runs: number;
  seed: number;
  json?: true;
}

/** Testing is often capped there (docs/planning.md). */
const USUAL_REACH = 100;

function margins(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.some((value) => !Number.isFinite(value) || value <= 0))
    throw new InvalidArgumentError('give margins of safety as 10,25,50.');
  return values;
}

function halfWidth(text: string): number {
  const value = numberOf('a half width of viability, such as 0.15')(text);
  if (value >= 1) throw new InvalidArgumentError('give a half width of viability below 1, such as 0.15.');
  return value;
}

/** @returns a parser of numbers above zero. */
const positive = (what: string) => (text: string) => {
  const value = numberOf(what)(text);
  if (value === 0) throw new InvalidArgumentError(`give ${what}.`);
  return value;
};

export function planCommand(): Command {
  return new Command('plan')
    .description('what a plate layout can tell, before it is dosed: intervals of IC50 and chances of the right verdict')
    .requiredOption('--top <uM>', 'highest dose', positive('a concentration in µM above 0'))
    .option(
      '--cmax <uM>',
      `total plasma Cmax; without it the highest dose is taken to be ${USUAL_REACH} × Cmax`,
      positive('a concentration in µM above 0'),
    )
    .option('--format <wells>', 'wells of the plate', wholeNumber(1, 1536), 96)
    .option('--compounds <n>', 'compounds on a plate (as many as fit)', wholeNumber(1, 1536))
    .option('--doses <n>', 'doses of each compound', wholeNumber(1, 48), 8)
    .option(
      '--dilution <ratio>',
      'ratio of a dose to the next lower one; 3.16 is a half-log step',
      positive('a ratio above 1'),
      3.16,
    )
    .option('--replicates <n>', 'wells of each dose on a plate', wholeNumber(1, 48), 3)
    .option('--vehicle <n>', 'vehicle wells on a plate', wholeNumber(0, 1536), 6)
    .option('--other <n>', 'wells without compound or vehicle: untreated, dead, empty', wholeNumber(0, 1536), 0)
    .option('--plates <n>', 'plates that repeat the layout, each with vehicle wells of its own', wholeNumber(1, 20), 1)
    .option(
      '--cv <percent>',
      'expected coefficient of variation of the vehicle wells',
      positive('a percentage above 0'),
      14,
    )
    .option(
      '--model-error <half-width>',
      'what the model that reads the images may misread in all wells of a study alike: 90 % half width at a viability of one half (default: as the model states); 0 for a plate that is measured by ATP',
      halfWidth,
    )
    .option('--model <dir>', 'folder of model.json: what will read the images (default: the shipped model)')
    .option('--mos <list>', 'true margins of safety to simulate', margins, [10, 25, 50])
    .option('--hill <n>', 'steepness of the simulated curves', positive('a number above 0'), 1.5)
    .option('--runs <n>', 'simulated compounds for each margin and layout', wholeNumber(20, 10_000), 200)
    .option('--seed <n>', 'the same seed gives the same answer', wholeNumber(0, 2 ** 31), 1)
    .option('--json', 'outcomes, variants and advice as JSON')
    .addHelpText(
      'after',
      '\nExit code 2 when the layout does not fit its plate, or cannot answer whatever the compounds do.',
    )
    .action((options: PlanOptions) => {
      const design = designOf(options);
      const problem = problemOf(design);
      if (problem) throw new UserError(problem.message, problem.remedy);
      const plan = {
        margins: [...options.mos, 'none' as const],
        hill: options.hill,
        runs: options.runs,
        seed: options.seed,
      };
      const { outcomes, compared } = simulated(design, plan);
      const overall = overallOf(outcomes);
      const advice = adviceOn(overall, compared);
      if (options.json)
        printJson({
          design: { ...design, doses_uM: dosesOf(design), wells: wellsUsed(design) },
          simulated: plan,
          outcomes,
          overall,
          variants: compared,
          advice: advice ? { most: advice.most.change, bestValue: advice.bestValue.change } : null,
        });
      else printPlan(design, errorOf(design, options), plan, outcomes, compared, advice);
    });
}

function designOf(options: PlanOptions): ScreenDesign {
  const { format, top, doses, dilution, replicates, vehicle, other, plates, cv, cmax } = options;
  const design = {
    format,
    compounds: options.compounds ?? 1,
    highest_uM: top,
    doses,
    dilution,
    replicates,
    vehicleWells: vehicle,
    otherWells: other,
    plates,
    controlCv: cv / 100,
    cmax_uM: cmax ?? top / USUAL_REACH,
    sharedHalfWidths90: sharedHalfWidths90Of(options),
  };
  return { ...design, compounds: options.compounds ?? Math.max(1, compoundsThatFit(design)) };
}

/** A given half width has the proportions of the model's own over the range. */
function sharedHalfWidths90Of({ model, modelError }: PlanOptions): number[] {
  if (modelError === 0) return [];
  const stated = sharedHalfWidths90(model);
  const atHalf = sharedHalfWidth90At(stated, 0.5);
  if (modelError === undefined) return stated;
  if (!(atHalf > 0))
    throw new UserError(
      'this model states no error that wells share, so there are no proportions for --model-error',
      'Leave --model out: then those of the shipped model serve.',
    );
  return stated.map((halfWidth90) => (halfWidth90 * modelError) / atHalf);
}

/** Whose error is counted with. That a model states none is no promise that it has none: measured by ATP is another thing. */
function errorOf({ sharedHalfWidths90 }: ScreenDesign, { modelError }: PlanOptions): string {
  if (sharedHalfWidths90.length > 0)
    return `model error ± ${figure(sharedHalfWidth90At(sharedHalfWidths90, 0.5), 2)} (90 %, at one half)`;
  return modelError === 0 ? 'measured by ATP' : 'NO MODEL ERROR, for this model states none that wells share';
}

function simulated(design: ScreenDesign, plan: SimulatedPlan): { outcomes: Outcome[]; compared: Compared[] } {
  const variants = variantsOf(design);
  const bar = progress('Simulating compounds', (1 + variants.length) * plan.margins.length * plan.runs, 'compounds');
  let done = 0;
  const run = (one: ScreenDesign): Outcome[] =>
    simulatePlan(one, plan, () => {
      done += 1;
      if (done % 20 === 0) bar.update(done);
    });
  try {
    const outcomes = run(design);
    return { outcomes, compared: variants.map((variant) => ({ ...variant, overall: overallOf(run(variant.design)) })) };
  } finally {
    bar.stop();
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const foldOf = (fold: number | null): string => (fold === null ? 'open' : `${figure(fold, 2)}-fold`);

function printPlan(
  design: ScreenDesign,
  error: string,
  { runs, hill, seed }: SimulatedPlan,
  outcomes: readonly Outcome[],
  compared: readonly Compared[],
  advice: Advice | undefined,
): void {
  const { format, compounds, doses, replicates, vehicleWells, plates, controlCv, cmax_uM, highest_uM } = design;
  const isRead = design.sharedHalfWidths90.length > 0;
  const [lowest = 0] = dosesOf(design);
  print(
    `${compounds} compound${compounds === 1 ? '' : 's'} × ${doses} doses × ${replicates} replicates and ${vehicleWells} vehicle wells: ${wellsUsed(design)} of ${format} wells, on ${plates} plate${plates === 1 ? '' : 's'}`,
  );
  print(
    `Doses from ${figure(lowest)} to ${figure(highest_uM)} µM, up to ${figure(highest_uM / cmax_uM)} × Cmax (${figure(cmax_uM)} µM); control CV ${percent(controlCv)}, ${error}; ${runs} SIMULATED compounds a row, Hill ${figure(hill)}, seed ${seed}\n`,
  );
  print(
    table<Outcome>(
      [
        { title: 'true MOS', value: ({ mos }) => (mos === 'none' ? 'no loss' : figure(mos)) },
        { title: 'true IC50, µM', value: ({ trueIc50_uM }) => figure(trueIc50_uM), align: 'right' },
        {
          title: '95 % interval of IC50',
          value: ({ mos, intervalFold }) => (mos === 'none' ? '–' : foldOf(intervalFold)),
          align: 'right',
        },
        ...(isRead
          ? [
              {
                title: 'of wells alone',
                value: ({ mos, intervalFoldOfWells }: Outcome) => (mos === 'none' ? '–' : foldOf(intervalFoldOfWells)),
                align: 'right' as const,
              },
            ]
          : []),
        { title: 'open', value: ({ mos, open }) => (mos === 'none' ? '–' : percent(open)), align: 'right' },
        ...CALLS.map((call) => ({
          title: call,
          value: ({ called }: Outcome) => percent(called[call]),
          align: 'right' as const,
        })),
        { title: 'right', value: ({ right }) => percent(right), align: 'right' },
        { title: 'wrong', value: ({ wrong }) => percent(wrong), align: 'right' },
      ],
      outcomes,
    ),
  );
  print(
    `(shares are sure to ± ${Math.round(196 * Math.sqrt(0.25 / runs))} points at most; a MOS at a threshold is right on either side; "unknown" is not wrong)\n`,
  );
  const overall = overallOf(outcomes);
  print(sentence(overall, compared, advice));
  print(
    `\n${table<Compared | undefined>(
      [
        { title: 'layout', value: (row) => row?.change ?? 'as planned' },
        { title: 'more wells a compound', value: (row) => (row ? figure(row.moreWells, 2) : '–'), align: 'right' },
        {
          title: '95 % interval of IC50',
          value: (row) => foldOf((row?.overall ?? overall).intervalFold),
          align: 'right',
        },
        { title: 'right', value: (row) => percent((row?.overall ?? overall).right), align: 'right' },
        { title: 'wrong', value: (row) => percent((row?.overall ?? overall).wrong), align: 'right' },
      ],
      [undefined, ...compared],
    )}`,
  );
  print(`\n${limits(isRead)}`);
}

const limits = (isRead: boolean): string =>
  isRead
    ? 'What is simulated is noise of wells and of their controls, and what the image model may misread in all wells alike, which no more wells average out: not donors, not edge effects, not what it misreads in one compound alone.'
    : 'What is simulated is noise of wells and of their controls: not donors, not edge effects, not an image model’s own error.';

function sentence(overall: Overall, compared: readonly Compared[], advice: Advice | undefined): string {
  const width =
    overall.intervalFold === null ? 'open for at least one of these margins' : `${foldOf(overall.intervalFold)} wide`;
  const now = `As planned, the 95 % interval of an IC50 is ${width}; ${percent(overall.right)} of the calls are right, ${percent(overall.wrong)} wrong.`;
  if (!advice) return compared.length > 0 ? `${now} None of the layouts below has narrower intervals.` : now;
  const { most, bestValue } = advice;
  const gain = ({ overall: { intervalFold }, moreWells }: Compared): string =>
    `${foldOf(intervalFold)}, for ${figure(moreWells, 2)} more wells a compound`;
  const best = `Intervals narrow most by ${most.change} (${gain(most)})`;
  return bestValue === most
    ? `${now} ${best}, which also gains most for each well.`
    : `${now} ${best}; most for each well by ${bestValue.change} (${gain(bestValue)}).`;
}
