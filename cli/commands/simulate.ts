/** `nvir simulate`: a screen of simulated spheroids in a folder, with its truth aside. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { DEMO_SCREEN } from '../../simulation/screen/plan.ts';
import { writeScreen } from '../../simulation/screen/write.ts';
import { calendarDay, wholeNumber } from '../arguments.ts';
import { print, progress } from '../console.ts';

function dayList(text: string): number[] {
  const days = text.split(',').map(Number);
  if (days.some((day) => !Number.isFinite(day) || day <= 0)) throw new InvalidArgumentError('give days as 3,7.');
  return days;
}

interface SimulateOptions {
  out: string;
  study: string;
  drugs: number;
  replicates: number;
  doses: number;
  days: number[];
  side: number;
  seed: number;
  mechanism: string;
  dosedOn: string;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('write a screen of SIMULATED IMAGES as an instrument would, with the truth aside')
    .requiredOption('--out <dir>', 'folder to write: export/, atp/, truth.csv, truth-compounds.csv')
    .option('--study <name>', 'name of the study', DEMO_SCREEN.study)
    .option('--drugs <n>', 'drugs with a published IC50, up to 32', wholeNumber(1, 32), DEMO_SCREEN.drugs)
    .option('--replicates <n>', 'plates, one replicate each', wholeNumber(1, 20), DEMO_SCREEN.plates)
    .option('--doses <n>', 'half-log steps for each drug', wholeNumber(3, 9), DEMO_SCREEN.doses)
    .option('--days <list>', 'imaging days', dayList, [...DEMO_SCREEN.days])
    .option('--side <pixels>', 'side of a frame', wholeNumber(256, 2048), DEMO_SCREEN.side)
    .option('--seed <n>', 'the same seed gives the same files', wholeNumber(0, 2 ** 31), DEMO_SCREEN.seed)
    .addOption(
      new Option('--mechanism <name>', 'microscope and cell model')
        .choices([...TRAINING_MECHANISMS, UNSEEN_MECHANISM].map(({ name }) => name))
        .default(DEMO_SCREEN.mechanism),
    )
    .option('--dosed-on <date>', 'day of the first dosing', calendarDay, DEMO_SCREEN.dosedOn)
    .action(async ({ out, replicates, ...options }: SimulateOptions) => {
      const screen = { ...DEMO_SCREEN, ...options, plates: replicates };
      const images = (await drawScreen(resolve(out), screen)).images.length;
      print(
        `${images} SIMULATED IMAGES of ${screen.plates} plates in ${resolve(out)}/export; ATP of its plates in atp/, the truth in truth.csv and truth-compounds.csv beside it.`,
      );
      print(`Sync them in with: aws s3 sync ${out}/export s3://BUCKET/exports/${screen.study}/`);
    });
}

/** Writes a screen with a progress bar. */
export async function drawScreen(folder: string, screen: typeof DEMO_SCREEN): ReturnType<typeof writeScreen> {
  let bar: ReturnType<typeof progress> | undefined;
  const written = await writeScreen(folder, screen, (done, total) => {
    bar ??= progress('Simulating images', total);
    bar.update(done);
  });
  bar?.stop();
  return written;
}
