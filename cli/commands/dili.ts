/** `nvir dili STUDY`: the ranking of a study by margin of safety. */
import { Command } from 'commander';
import type { z } from 'zod';
import { rankingAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { numberOf } from '../arguments.ts';
import { connect } from '../connection.ts';
import { figure, figureFrom, print, printJson, table } from '../console.ts';
import { aucLines, bounded, ofWellsAlone, supportedIc50, supportedMargin, wellCount } from '../score-words.ts';

type Ranking = z.infer<typeof rankingAnswer>;
type Ranked = Ranking['compounds'][number];

export function diliCommand(): Command {
  return new Command('dili')
    .description('the DILI ranking of a study: IC50, Cmax and margin of safety with their intervals, verdict')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--day <n>', 'imaging day (default: the last)', numberOf('a day after the first dosing'))
    .option('--accuracy', 'also sensitivity, specificity and likelihood ratios of thresholds on reference sets')
    .option('--json', 'print the ranking as the API gives it')
    .action(async (study: string, options: { day?: number; accuracy?: true; json?: true }) => {
      const api = createApi(await connect());
      const ranking = await api.get(
        apiPath('studies', study, 'dili'),
        rankingAnswer,
        options.day === undefined ? {} : { day: String(options.day) },
      );
      if (options.json) printJson(ranking);
      else {
        printRanking(ranking);
        if (options.accuracy) printAccuracy(ranking.accuracy);
      }
    });
}

export function printRanking(
  ranking: Ranking,
  trueIc50: (compound: string) => number | undefined = () => undefined,
): void {
  if (ranking.unknown !== undefined || ranking.day === null) {
    print(`${ranking.study}: unknown, because ${ranking.unknown ?? 'no day has a ranking yet'}.`);
    return;
  }
  const hasParts = ranking.compounds.some((row) => ofWellsAlone(row) !== '–');
  const hasTruth = ranking.compounds.some((row) => trueIc50(row.compound) !== undefined);
  print(
    `${ranking.study}, day ${ranking.day}${ranking.simulated ? ', SIMULATED IMAGES' : ''}${ranking.provisional ? ', provisional: plate reads are not complete' : ''}`,
  );
  print(
    table<Ranked>(
      [
        { title: 'compound', value: (row) => row.compound },
        { title: 'n', value: wellCount },
        { title: 'IC50 (95 %), µM', value: supportedIc50 },
        ...(hasParts ? [{ title: 'of wells alone', value: (row: Ranked) => ofWellsAlone(row) }] : []),
        ...(hasTruth
          ? [
              {
                title: 'true IC50, µM',
                value: (row: Ranked) => figure(trueIc50(row.compound)),
                align: 'right' as const,
              },
            ]
          : []),
        { title: 'Cmax, µM', value: (row) => figure(row.cmax_uM), align: 'right' },
        { title: 'MOS (95 %)', value: supportedMargin },
        { title: 'verdict', value: (row) => row.verdict.label },
        { title: 'or, by the interval', value: (row) => row.verdict.couldAlsoBe?.join(', ') ?? '' },
        { title: 'paper’s IC50', value: paperIc50, align: 'right' },
        { title: 'DILI label', value: (row) => row.dili.dilirank ?? '–' },
      ],
      ranking.compounds,
    ),
  );
  print('  n: wells of the compound that count.');
  if (hasParts)
    print(
      '  of wells alone: what the scatter of wells and controls leaves of the IC50. The rest is what the model may misread in all wells alike: more wells do not narrow it.',
    );
  print('  MOS: IC50 / Cmax, with the interval of the curve; "or" counts the published range of Cmax too.');
  if (ranking.compounds.some(({ verdict }) => verdict.method === 'nvir'))
    print('  Verdicts rest on the paper’s fit, as study.json says (method: "nvir").');
  for (const row of ranking.compounds) if (row.verdict.reason) print(`  ${row.compound}: ${row.verdict.reason}`);
  if (ranking.compounds.some((row) => row.extrapolated)) print('  * outside the tested concentrations');
  for (const { compound, finding } of ranking.delayed) print(`  ${compound}: ${finding}`);
  if (ranking.auc) for (const line of aucLines(ranking.auc)) print(line);
  print(ranking.notCovered);
}

/** What a user with a prior can go on from: prior odds times a likelihood ratio are posterior odds. */
function printAccuracy(sets: Ranking['accuracy']): void {
  for (const { set, n, nPositive, unknown, points } of sets) {
    print();
    print(
      `${set}: ${n} with a margin or a limit of one (${nPositive} with DILI concern), ${unknown} unknown and left out`,
    );
    print(
      table(
        [
          { title: 'MOS below', value: ({ mosBelow }) => figure(mosBelow), align: 'right' },
          { title: 'n', value: (point) => String(point.n), align: 'right' },
          { title: 'undetermined', value: ({ undetermined }) => String(undetermined), align: 'right' },
          { title: 'sensitivity (95 %)', value: ({ sensitivity }) => bounded(sensitivity) },
          { title: 'specificity (95 %)', value: ({ specificity }) => bounded(specificity) },
          { title: 'LR+ (95 %)', value: (point) => bounded(point.likelihoodRatioPositive) },
          { title: 'LR− (95 %)', value: (point) => bounded(point.likelihoodRatioNegative) },
        ],
        points,
      ),
    );
  }
}

const paperIc50 = (row: Ranked): string =>
  figureFrom(row.lowestTested_uM, row.icx_uM?.ic50_uM) + (row.extrapolated ? '*' : '');
