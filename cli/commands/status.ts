/** `nvir status [STUDY]`: what has come, what was read, what is missing. */
import { Command } from 'commander';
import { parseKey } from '../../lambdas/domain/keys.ts';
import { studiesAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type Api, apiPath, createApi } from '../api.ts';
import { type Books, recount } from '../books.ts';
import { connect } from '../connection.ts';
import { print, printJson, table } from '../console.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('the books of a study: images, readings, rejected, missing; plate reads and what they lack')
    .argument('[study]', 'without it, the studies are listed')
    .option('--json', 'print as JSON what the API tells of the study, and its books')
    .addHelpText('after', '\nExit code 1 while images are missing a reading, or readings their image.')
    .action(async (study: string | undefined, options: { json?: true }) => {
      const connection = await connect();
      const api = createApi(connection);
      if (study === undefined) return printStudies(api, options.json);
      const state = await api.get(apiPath('studies', study), studyAnswer);
      const books = await recount(
        connection,
        study,
        state.plates.map(({ plate }) => plate),
      );
      if (options.json) printJson({ ...state, books });
      else printStudy(state, books);
      if (books.missing > 0 || books.strays > 0) process.exitCode = 1;
    });
}

async function printStudies(api: Api, json: true | undefined): Promise<void> {
  const studies = [];
  for await (const page of api.pages(apiPath('studies'), studiesAnswer)) studies.push(...page.studies);
  if (json) return printJson(studies);
  print(
    table(
      [
        { title: 'study', value: (row) => row.study },
        { title: 'plates', value: (row) => String(row.plates), align: 'right' },
        { title: 'days', value: (row) => row.days.join(', ') || '–' },
        { title: 'scored', value: (row) => row.scoredAt ?? 'not yet' },
        { title: 'problems', value: (row) => String(row.problems), align: 'right' },
        { title: '', value: (row) => (row.simulated ? 'SIMULATED IMAGES' : '') },
      ],
      studies,
    ),
  );
}

function printStudy(state: ReturnType<typeof studyAnswer.parse>, books: Books): void {
  print(`${state.study}${state.simulated ? ' (SIMULATED IMAGES)' : ''}: ${booksLine(books)}`);
  const reads = state.plates.flatMap(({ plate, reads: all }) => all.map((read) => ({ plate, ...read })));
  print(
    table(
      [
        { title: 'plate', value: (row) => row.plate },
        { title: 'day', value: (row) => String(row.day), align: 'right' },
        { title: 'imaged', value: (row) => `${row.imagedWells}/${row.expectedWells}`, align: 'right' },
        { title: 'absent', value: (row) => String(row.absentWells), align: 'right' },
        { title: 'rejected', value: (row) => String(row.rejected), align: 'right' },
        { title: '', value: (row) => (row.complete ? 'complete' : 'incomplete') },
      ],
      reads,
    ),
  );
  for (const { plate, unplaced } of state.plates)
    if (unplaced > 0) print(`${plate}: ${unplaced} images belong to no well or day yet (see its readings in the API).`);
  for (const problem of state.problems) print(`to mend: ${problem}`);
  for (const key of books.missingKeys.slice(0, 10)) print(`missing a reading: ${key}`);
  for (const key of books.strayKeys.slice(0, 10)) print(`read, but its image is gone: ${key}`);
  if (books.strays > 0) {
    const plates = new Set(books.strayKeys.flatMap((key) => plateOf(key) ?? []));
    const retries = [...plates].map((plate) => `nvir retry ${state.study} --plate ${plate}`);
    print(`${books.strays} readings count images that are gone. If that does not change: ${retries.join(', ')}`);
  }
  if (books.missing > 0)
    print(
      `${books.missing} images have no reading yet. If that does not change: nvir failures ${state.study}, nvir retry ${state.study}`,
    );
}

function plateOf(key: string): string | undefined {
  const parsed = parseKey(key);
  return parsed.kind === 'image' ? parsed.plate : undefined;
}

type Counts = Pick<Books, 'images' | 'readings' | 'rejected' | 'missing'> & { strays?: number };

export function booksLine({ images, readings, rejected, missing, strays = 0 }: Counts): string {
  const line = `${images} images = ${readings} read + ${rejected} rejected + ${missing} missing`;
  return strays === 0 ? line : `${line}; ${strays} readings without an image`;
}
