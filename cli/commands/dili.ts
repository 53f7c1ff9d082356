/** `nvir dili STUDY`: the ranking of a study by margin of safety. */
import { Command } from 'commander';
import type { z } from 'zod';
import { rankingAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { numberOf } from '../arguments.ts';
import { connect } from '../connection.ts';
import { figure, figureFrom, print, printJson, table } from '../console.ts';

type Ranking = z.infer<typeof rankingAnswer>;
type Ranked = Ranking['compounds'][number];

export function diliCommand(): Command {
  return new Command('dili')
    .description('the DILI ranking of a study: IC50, Cmax, margin of safety, verdict')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--day <n>', 'imaging day (default: the last)', numberOf('a day after the first dosing'))
    .option('--json', 'print the ranking as the API gives it')
    .action(async (study: string, options: { day?: number; json?: true }) => {
      const api = createApi(await connect());
      const ranking = await api.get(
        apiPath('studies', study, 'dili'),
        rankingAnswer,
        options.day === undefined ? {} : { day: String(options.day) },
      );
      if (options.json) printJson(ranking);
      else printRanking(ranking);
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
  const hasTruth = ranking.compounds.some((row) => trueIc50(row.compound) !== undefined);
  print(
    `${ranking.study}, day ${ranking.day}${ranking.simulated ? ', SIMULATED IMAGES' : ''}${ranking.provisional ? ', provisional: plate reads are not complete' : ''}`,
  );
  print(
    table<Ranked>(
      [
        { title: 'compound', value: (row) => row.compound },
        {
          title: 'IC50, µM',
          value: (row) => figureFrom(row.lowestTested_uM, row.icx_uM?.ic50_uM) + (row.extrapolated ? '*' : ''),
          align: 'right',
        },
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
        { title: 'MOS', value: (row) => figureFrom(row.lowestTested_uM / (row.cmax_uM ?? 1), row.mos), align: 'right' },
        { title: 'verdict', value: (row) => row.verdict.label },
        { title: 'DILI label', value: (row) => row.dili.dilirank ?? '–' },
      ],
      ranking.compounds,
    ),
  );
  for (const row of ranking.compounds) if (row.verdict.reason) print(`  ${row.compound}: ${row.verdict.reason}`);
  if (ranking.compounds.some((row) => row.extrapolated)) print('  * outside the tested concentrations');
  if (ranking.auc)
    print(
      `ROC AUC: MOS ${figure(ranking.auc.mos)}, exposure only (1/Cmax) ${figure(ranking.auc.exposureOnly)}. ${ranking.auc.note}`,
    );
}
