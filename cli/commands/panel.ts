/** `nvir panel`: the in-house reference compounds over all studies, as control charts. */
import { Command } from 'commander';
import type { z } from 'zod';
import { type ControlChart, controlChart, LEAST_POINTS } from '../../lambdas/domain/panel/control-chart.ts';
import { compoundKey } from '../../lambdas/domain/reference.ts';
import { groupBy } from '../../lambdas/domain/statistics.ts';
import { rankingAnswer, studiesAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type Api, apiPath, createApi } from '../api.ts';
import { connect } from '../connection.ts';
import { figure, print, printJson, table } from '../console.ts';

type Panel = NonNullable<z.infer<typeof rankingAnswer>['compounds'][number]['panel']>;

/** One reference compound in one study, on one day. */
interface Run extends Panel {
  compound: string;
  day: number;
  study: string;
  at: string;
  /** Of simulated images, or nobody says; charts do not mix them with real ones. */
  simulated: boolean | null;
}

interface PanelChart {
  compound: string;
  day: number;
  simulated: boolean | null;
  runs: Run[];
  /** Of the runs with an IC50; null without any. */
  chart: ControlChart | null;
}

export function panelCommand(): Command {
  return new Command('panel')
    .description('control charts of the in-house reference compounds over all studies')
    .option('--json', 'print the charts as JSON')
    .addHelpText(
      'after',
      '\nReference compounds have the role reference in platemap.csv, or an expected IC50 range in study.json (referencePanel).\nExit code 1 when the last study of a chart is outside its limits or its expected range.',
    )
    .action(async ({ json }: { json?: true }) => {
      const charts = chartsOf(await runsOf(createApi(await connect())));
      if (json) printJson(charts);
      else printCharts(charts);
      if (charts.some(isLastOff)) process.exitCode = 1;
    });
}

async function runsOf(api: Api): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const { studies } of api.pages(apiPath('studies'), studiesAnswer)) {
    for (const { study, days } of studies.filter(({ scoredAt }) => scoredAt !== null)) {
      const { firstDosing = '' } = await api.get(apiPath('studies', study), studyAnswer);
      for (const day of days) {
        const { compounds, simulated } = await api.get(apiPath('studies', study, 'dili'), rankingAnswer, {
          day: String(day),
        });
        for (const { compound, panel } of compounds)
          if (panel) runs.push({ ...panel, compound, day, study, at: firstDosing, simulated });
      }
    }
  }
  return runs;
}

const chartKey = ({ compound, day, simulated }: Run): string =>
  `${compoundKey(compound)}|${String(day).padStart(6, '0')}|${simulated}`;

/** A chart a compound and day: an IC50 falls with the days, so days do not mix. */
export function chartsOf(runs: readonly Run[]): PanelChart[] {
  return [...groupBy(runs, chartKey)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const ordered = [...group].sort((a, b) => (a.at < b.at ? -1 : 1));
      const known = ordered.flatMap(({ study, at, ic50_uM }) => (ic50_uM === null ? [] : [{ study, at, ic50_uM }]));
      const [first] = ordered;
      return {
        compound: first?.compound ?? '',
        day: first?.day ?? 0,
        simulated: first?.simulated ?? null,
        runs: ordered,
        chart: known.length > 0 ? controlChart(known) : null,
      };
    });
}

const isOutside = ({ chart }: PanelChart, { study }: Run): boolean =>
  chart?.points.some((point) => point.study === study && point.isOutside) ?? false;

function isLastOff(panel: PanelChart): boolean {
  const last = panel.runs.at(-1);
  return last !== undefined && (isOutside(panel, last) || last.state === 'below' || last.state === 'above');
}

function printCharts(charts: readonly PanelChart[]): void {
  if (charts.length === 0) print('No study has a reference compound: give wells the role reference in platemap.csv.');
  for (const panel of charts) {
    const { compound, day, simulated, runs, chart } = panel;
    const limits = chart?.limits_uM
      ? `, control limits ${chart.limits_uM.map((limit) => figure(limit)).join(' to ')} µM`
      : `, no control limits below ${LEAST_POINTS} studies with an IC50`;
    print(
      `${compound}, day ${day}${simulated ? ', SIMULATED IMAGES' : ''}: ${chart ? `centre ${figure(chart.centre_uM)} µM` : 'no IC50 yet'}${limits}`,
    );
    print(
      table<Run>(
        [
          { title: 'first dosing', value: ({ at }) => at.slice(0, 10) },
          { title: 'study', value: ({ study }) => study },
          { title: 'IC50, µM', value: ({ ic50_uM }) => figure(ic50_uM), align: 'right' },
          {
            title: 'expected, µM',
            value: ({ expected_uM }) => expected_uM?.map((end) => figure(end)).join(' to ') ?? '–',
          },
          { title: 'range', value: ({ state }) => state },
          { title: 'chart', value: (run) => (isOutside(panel, run) ? 'OUTSIDE' : '') },
        ],
        runs,
      ),
    );
    print();
  }
}
