/** `nvir bridge`: whether a model holds on a new microscope or donor, by wells of which ATP is known too. */
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { CallTable } from '../../lambdas/domain/bridge/calls.ts';
import type { Estimate } from '../../lambdas/domain/bridge/intervals.ts';
import { type BridgeJudgement, type CriterionResult, judgeBridge } from '../../lambdas/domain/bridge/judge.ts';
import { offerRecalibration, type RecalibrationOffer } from '../../lambdas/domain/bridge/recalibration.ts';
import { calendarDay, nameList } from '../arguments.ts';
import { wellsOfDataset, wellsOfTable } from '../bridge/labelled-wells.ts';
import { recordOf } from '../bridge/record.ts';
import { note, print, printJson, table, UserError } from '../console.ts';
import { loadShippedModel } from '../model.ts';

interface BridgeOptions {
  model?: string;
  split?: string[];
  record?: string;
  date?: string;
  json?: true;
}

export function bridgeCommand(): Command {
  return new Command('bridge')
    .description('does the model hold on a new microscope or donor? judged by wells whose ATP was measured too')
    .argument(
      '<labelled>',
      'CSV with study,plate,well,day,viability_image,viability_atp (and compound,concentration_uM), or a folder of nvir dataset',
    )
    .option('--model <dir>', 'folder of model.json: what reads a dataset’s images (default: the shipped model)')
    .option('--split <names>', 'of a dataset, only these splits, a,b', nameList)
    .option('--record <file>', 'write the recalibration, if it is offered, with its evidence; needs --date')
    .option('--date <day>', 'of the record, 2026-03-02', calendarDay)
    .option('--json', 'print judgement and offer as JSON')
    .addHelpText(
      'after',
      `
viability_atp is ATP over the median of the untreated wells of the same plate and day. The criteria, with their reasons, stand in
lambdas/domain/bridge/criteria.ts; intervals are 95 %, over plates. Wells that the model was trained on prove nothing.
Exit codes: 0 holds (or the recalibration was recorded), 1 does not hold, cannot be said, or nothing to record, 2 bad usage or input.`,
    )
    .action(bridge);
}

async function bridge(labelled: string, options: BridgeOptions): Promise<void> {
  checkRecord(labelled, options);
  const model = options.record !== undefined || isFolder(labelled) ? await loadShippedModel(options.model) : undefined;
  const wells =
    isFolder(labelled) && model ? await wellsOfDataset(labelled, model, options.split) : await wellsOfTable(labelled);
  if (wells.length === 0) throw new UserError(`${labelled} holds no wells`, '`nvir bridge --help` names the columns.');
  const judgement = judgeBridge(wells);
  const offer = offerRecalibration(wells);
  if (options.json) printJson({ ...judgement, recalibration: offer });
  else printJudgement(judgement, offer);
  if (judgement.verdict !== 'holds') process.exitCode = 1;
  if (options.record === undefined || options.date === undefined || !model) return;
  if (!offer.offered) {
    note(`nothing was recorded: ${offer.reasons.join('; ')}`);
    process.exitCode = 1;
    return;
  }
  const record = recordOf(offer.recalibration, judgement, wells, model.identity, options.date);
  await writeFile(options.record, `${JSON.stringify(record, null, 2)}\n`);
  note(`${options.record}: version ${record.version}\n${whatNext(options)}`);
  process.exitCode = 0;
}

/** The record alone changes no number: a model folder with its line does, once it is deployed. */
function whatNext({ record = '', model }: BridgeOptions): string {
  const base = model === undefined ? '' : `--model ${resolve(model)} `;
  const out = `${resolve(record).replace(/\.json$/, '')}-model`;
  return [
    'Nothing reads by it yet. To serve it, as a model of its own:',
    `  (cd model-container && python -m nvir recalibrate ${base}--recalibration ${resolve(record)} --out ${out})`,
    `  npx cdk deploy -c modelFolder=${out}`,
    'Readings before it are of another model: docs/train-your-own.md says how to read a study anew, and what else is to be known.',
  ].join('\n');
}

function checkRecord(labelled: string, { record, date, model }: BridgeOptions): void {
  if (record === undefined) return;
  if (date === undefined)
    throw new UserError('--record needs --date', 'Give the day of the bridging run: --date 2026-03-02.');
  if (existsSync(record))
    throw new UserError(`${record} is there already`, 'A recalibration is never written over: choose another file.');
  const folder = dirname(resolve(record));
  if (!existsSync(folder)) throw new UserError(`${folder} is no folder`, 'Make it first, or choose another --record.');
  if (model === undefined && !isFolder(labelled))
    throw new UserError(
      '--record needs --model',
      'Say which model gave viability_image: the folder of its model.json.',
    );
}

const isFolder = (path: string): boolean => existsSync(join(path, 'index.csv')) && statSync(path).isDirectory();

const VERDICTS: Record<BridgeJudgement['verdict'], string> = {
  holds: 'The model holds on these plates.',
  'does not hold': 'The model does not hold on these plates.',
  'cannot be said': 'Whether the model holds cannot be said.',
};

const interval = ({ value, low, high }: Estimate): string =>
  `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function printJudgement(judgement: BridgeJudgement, offer: RecalibrationOffer): void {
  const { verdict, reasons, wells, plates, labelRange, criteria, agreement } = judgement;
  print(
    `${VERDICTS[verdict]} ${wells} wells of ${plates} plates, ATP ${labelRange.low.toFixed(2)} to ${labelRange.high.toFixed(2)} (10th to 90th percentile)`,
  );
  for (const reason of reasons) print(`  ${reason}`);
  print();
  print(
    table<CriterionResult>(
      [
        { title: 'criterion', value: ({ name }) => TITLES[name] },
        { title: 'estimate (95 %)', value: ({ estimate }) => interval(estimate), align: 'right' },
        { title: 'must lie in', value: ({ atLeast, atMost }) => `${atLeast} to ${atMost}`, align: 'right' },
        { title: '', value: ({ outcome }) => outcome },
      ],
      criteria,
    ),
  );
  print(`\nLosses of half or more: ${calls(agreement.wells, 'wells')}`);
  if (agreement.doses) print(`By dose (medians of replicates): ${calls(agreement.doses, 'doses')}`);
  print();
  if (!offer.offered) {
    print(`No recalibration is offered: ${offer.reasons.join('; ')}.`);
    return;
  }
  const { slope, intercept, crossValidation } = offer.recalibration;
  print(`A recalibration is offered: ${interval(intercept)} + ${interval(slope)} × the model's viability.`);
  print(
    `On plates left out the mean absolute error falls from ${crossValidation.maeBefore.toFixed(3)} to ${crossValidation.maeAfter.toFixed(3)}, by ${interval(crossValidation.gain)} a plate; the verdict there would be: ${crossValidation.verdictAfter}.`,
  );
  print('Keep it as a version of its own with --record FILE --date DAY.');
}

const TITLES: Record<CriterionResult['name'], string> = {
  bias: 'bias, image − ATP',
  slope: 'slope of ATP on image',
  mae: 'mean absolute error',
  agreement: 'agreement on half lost',
};

const calls = ({ n, bothLoss, bothNone, missed, raised }: CallTable, what: string): string =>
  `of ${n} ${what} image and ATP agree on ${bothLoss + bothNone} (${bothLoss} lost); the image misses ${missed} and raises ${raised} that ATP does not show`;
