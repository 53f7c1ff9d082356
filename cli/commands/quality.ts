/** `nvir quality STUDY`: what the plate reads of a study are worth, and which wells do not count. */
import { Command } from 'commander';
import type { z } from 'zod';
import { plateAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { connect } from '../connection.ts';
import { figure, print, printJson, table } from '../console.ts';

type Plate = z.infer<typeof plateAnswer>;
type Row = { plate: string } & Plate['reads'][number];

export function qualityCommand(): Command {
  return new Command('quality')
    .description('quality of the plate reads: controls, edge, drift, patterns; wells that do not count, and why')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .option('--plate <name>', 'only this plate')
    .option('--json', 'print as JSON what the API tells of the plate reads')
    .addHelpText(
      'after',
      '\nExit code 1 when a plate read is rejected. docs/science.md says what each measure is and where its limit is from.',
    )
    .action(async (study: string, options: { plate?: string; json?: true }) => {
      const api = createApi(await connect());
      const { plates, simulated } = await api.get(apiPath('studies', study), studyAnswer);
      const names = options.plate === undefined ? plates.map(({ plate }) => plate) : [options.plate];
      const rows: Row[] = [];
      for (const plate of names) {
        const { reads } = await api.get(apiPath('studies', study, 'plates', plate), plateAnswer);
        rows.push(...reads.map((read) => ({ plate, ...read })));
      }
      if (rows.some(({ quality }) => quality?.verdict === 'reject')) process.exitCode = 1;
      if (options.json)
        return printJson({
          study,
          simulated,
          reads: rows.map(({ plate, day, quality }) => ({ plate, day, quality: quality ?? null })),
        });
      printQuality(study, simulated, rows);
    });
}

const percent = (value: number | null | undefined): string => (value == null ? '–' : figure(100 * value, 2));

function printQuality(study: string, simulated: boolean | null, rows: readonly Row[]): void {
  print(`${study}${simulated ? ' (SIMULATED IMAGES)' : ''}`);
  print(
    table<Row>(
      [
        { title: 'plate', value: (row) => row.plate },
        { title: 'day', value: (row) => String(row.day), align: 'right' },
        { title: 'verdict', value: (row) => row.quality?.verdict ?? 'not judged yet' },
        { title: 'wells', value: (row) => String(row.quality?.wells ?? '–'), align: 'right' },
        { title: 'left out', value: (row) => String(row.quality?.leftOut.length ?? '–'), align: 'right' },
        { title: 'vehicle', value: (row) => String(row.quality?.controls.vehicleWells ?? '–'), align: 'right' },
        { title: 'CV %', value: (row) => percent(row.quality?.controls.robustVehicleCv), align: 'right' },
        { title: "Z'", value: (row) => figure(row.quality?.controls.robustZPrime ?? null, 2), align: 'right' },
        { title: 'edge %', value: (row) => percent(row.quality?.spatial.edge?.effect), align: 'right' },
        { title: 'rows %', value: (row) => percent(row.quality?.spatial.rowDrift?.effect), align: 'right' },
        { title: 'columns %', value: (row) => percent(row.quality?.spatial.columnDrift?.effect), align: 'right' },
        { title: 'NRFE', value: (row) => figure(row.quality?.spatial.nrfe ?? null, 2), align: 'right' },
      ],
      rows,
    ),
  );
  for (const { plate, day, quality } of rows) {
    const lines = [
      ...(quality?.findings ?? []).map(({ verdict, reason }) => `${verdict}: ${reason}`),
      ...(quality?.leftOut ?? []).map(({ well, reason }) => `${well} left out: ${reason}`),
    ];
    for (const line of lines) print(`  ${plate}, day ${day}: ${line}`);
  }
}
