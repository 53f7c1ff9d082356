/** `nvir explain STUDY COMPOUND`: how a verdict came about, from its sentence down to the pixels. */
import { Command } from 'commander';
import type { z } from 'zod';
import { compoundAnswer } from '../../lambdas/query/answers.ts';
import { apiPath, createApi } from '../api.ts';
import { numberOf } from '../arguments.ts';
import { connect } from '../connection.ts';
import { figure, print, printJson, table, UserError } from '../console.ts';
import { ofWellsAlone, valueWithInterval } from '../score-words.ts';

type Answer = z.infer<typeof compoundAnswer>;
type Day = Answer['days'][number];
type Course = NonNullable<Answer['course']>;
type UsedReading = NonNullable<Day['provenance']>['readings'][number];

export function explainCommand(): Command {
  return new Command('explain')
    .description('how a compound’s verdict came about: thresholds, curve, wells, controls, versions, and every image')
    .argument('<study>', 'its name, as `nvir status` lists it')
    .argument('<compound>', 'its name; case, spaces and hyphens do not matter')
    .option('--day <n>', 'imaging day (default: the last)', numberOf('a day after the first dosing'))
    .option('--json', 'print the day as the API gives it')
    .addHelpText(
      'after',
      '\nFetch an image by its version: aws s3api get-object --bucket BUCKET --key KEY --version-id VERSION FILE',
    )
    .action(async (study: string, compound: string, { day, json }: { day?: number; json?: true }) => {
      const answer = await createApi(await connect()).get(
        apiPath('studies', study, 'compounds', compound),
        compoundAnswer,
      );
      const told = chosenDay(answer, day);
      if (json) printJson({ ...told, course: answer.course });
      else printStory(answer, told);
    });
}

function chosenDay({ study, compound, unknown, days }: Answer, asked: number | undefined): Day {
  const found = asked === undefined ? days.at(-1) : days.find(({ day }) => day === asked);
  if (found) return found;
  if (days.length === 0)
    throw new UserError(
      `${compound} of ${study}: unknown, because ${unknown ?? 'no day has been scored yet'}`,
      'Look at it with `nvir status`.',
    );
  throw new UserError(
    `${compound} has no score of day ${asked}`,
    `It has days ${days.map(({ day }) => day).join(', ')}.`,
  );
}

function printStory(
  { study, simulated, course }: Answer,
  { compound, day, supported, story = [], provenance }: Day,
): void {
  print(`${study}, ${compound}, day ${day}${simulated ? ', SIMULATED IMAGES' : ''}`);
  print();
  const [statement, ...rest] = story;
  if (statement !== undefined) print(statement);
  const wells = ofWellsAlone({ supported });
  if (wells !== '–')
    print(
      `Wells and controls alone would leave the IC50 ${wells} µM: more wells narrow that, and not what the model misreads in all wells alike.`,
    );
  for (const line of rest) print(line);
  if (course?.delayed) print(`Over the days: ${course.delayed.finding}.`);
  if (course) print(`Onset: ${course.onset.day === null ? '' : `day ${course.onset.day}, `}${course.onset.note}.`);
  if (course) printCourse(course);
  if (!provenance) return;
  print();
  print(
    table<UsedReading>(
      [
        { title: 'well', value: ({ well }) => well },
        { title: 'role', value: ({ role }) => role },
        { title: 'µM', value: (reading) => figure(reading.concentration_uM), align: 'right' },
        { title: 'read', value: ({ viability }) => viability.toFixed(3), align: 'right' },
        { title: 'object', value: ({ key }) => key },
        { title: 'version', value: ({ versionId }) => versionId },
        { title: 'SHA-256', value: ({ sha256 }) => sha256 ?? 'not recorded' },
      ],
      provenance.readings,
    ),
  );
}

/** Over the days; a single read has no course. */
function printCourse({ days, ic50, concentrations }: Course): void {
  if (days.length < 2) return;
  if (ic50.length > 0)
    print(`IC50 by day (95 %), µM: ${ic50.map((half) => `day ${half.day} ${valueWithInterval(half)}`).join('; ')}.`);
  print();
  print(
    table<Course['concentrations'][number]>(
      [
        { title: 'µM', value: ({ concentration_uM }) => figure(concentration_uM), align: 'right' },
        {
          title: 'half lost',
          value: ({ timeTo50_days, timeTo50Censored }) =>
            timeTo50_days === null ? (timeTo50Censored ?? '–') : `day ${timeTo50_days.toFixed(1)}`,
        },
        {
          title: 'viability × days',
          value: ({ area_viabilityDays }) => area_viabilityDays?.toFixed(2) ?? '–',
          align: 'right',
        },
        { title: 'mean', value: ({ meanViability }) => meanViability?.toFixed(2) ?? '–', align: 'right' },
      ],
      concentrations,
    ),
  );
}
