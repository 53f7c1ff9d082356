/** ATP of a screen as a luminometer exports it: one file a plate read, a block of the whole plate under a preamble. */
import { PLATE_FORMATS, wellName } from '../../lambdas/domain/well.ts';
import { lognormal, seededRandom, seedOf } from '../random.ts';
import { SIMULATED } from './files.ts';
import type { ScreenImage, ScreenPlan } from './plan.ts';

/** Counts of a living well; the scale of a plate read (reagent, gain) varies by 30 %. */
const LIVING_RLU = 1e6;
const SCALE_CV = 0.3;
/** Noise of one reading, as in the training sets. */
const READING_CV = 0.05;
/** Counts of a well without cells. */
const BACKGROUND_RLU = 200;
const FORMAT = PLATE_FORMATS.find(({ wells }) => wells === 384);

/** Named `SIM-01_day7.csv`; an unused well holds the background, as when a whole plate is read. */
export function luminometerFiles({ images, options }: ScreenPlan): { name: string; content: string }[] {
  const plates = [...new Set(images.map(({ plate }) => plate))];
  return options.days.flatMap((day) =>
    plates.map((plate) => {
      const read = images.filter((image) => image.plate === plate && image.day === day);
      const lines = [
        `Luminescence endpoint (${SIMULATED})`,
        `Study: ${options.study}`,
        `Plate: ${plate}`,
        `Day: ${day}`,
        '',
        ...block(read, options.seed, plate, day),
      ];
      return { name: `${plate}_day${day}.csv`, content: `${lines.join('\n')}\n` };
    }),
  );
}

function block(read: readonly ScreenImage[], seed: number, plate: string, day: number): string[] {
  const living = new Map(read.map((image) => [image.well, image.living]));
  const random = seededRandom(seedOf(seed, plate, day, 'luminometer'));
  const scale = LIVING_RLU * lognormal(random, SCALE_CV);
  const { rows = 0, columns = 0 } = FORMAT ?? {};
  const light = (well: string): number =>
    Math.round((BACKGROUND_RLU + (living.get(well) ?? 0) * scale) * lognormal(random, READING_CV));
  const header = ['', ...Array.from({ length: columns }, (_, column) => column + 1)].join(',');
  return [
    header,
    ...Array.from({ length: rows }, (_, row) => {
      const letters = wellName({ row, column: 0 }).replace(/\d+$/, '');
      const values = Array.from({ length: columns }, (_, column) => light(wellName({ row, column })));
      return [letters, ...values].join(',');
    }),
  ];
}
