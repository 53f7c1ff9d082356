/**
 * Which normalisation is best under which effect of place, and how many vehicle wells are enough: error of ln IC50 on simulated plates.
 * Run: `npx tsx bench/normalisation.ts`.
 */

import { fitDoseResponse } from '../lambdas/domain/dose-response/dose-response.ts';
import { polishFactors } from '../lambdas/domain/plate-quality/polish.ts';
import type { QualityWell } from '../lambdas/domain/plate-quality/wells.ts';
import { doseSummaries } from '../lambdas/domain/scoring/assess.ts';
import { groupBy, median } from '../lambdas/domain/statistics.ts';
import { type EffectPlateDesign, effectPlate, PLACE_EFFECTS } from '../simulation/effect-plate.ts';
import { lognormal, normal, type Random, seededRandom, seedOf } from '../simulation/random.ts';

const DAYS = 60;
const PLATES = 2;
/** Spread of spheroids at seeding, which day 0 knows; and of a reading of one spheroid, which it does not. */
const SEEDING_CV = 0.12;
const READING_CV = 0.07;
/** Spread of whole plate reads. */
const PLATE_CV = 0.06;

type Value = Pick<QualityWell, 'key' | 'role' | 'concentration_uM' | 'viability'>;
interface PlateDay {
  wells: QualityWell[];
  dayZero: Map<string, number>;
  trueIc50: Map<string, number>;
}

/** Wells whose noise is partly the spheroid's own, from seeding on, and partly the reading's. */
function plateDay(design: EffectPlateDesign, random: Random, drugs: number): PlateDay {
  const { wells, trueIc50 } = effectPlate({ ...design, controlCv: 0, plateLevel: 1 }, seededRandom(drugs));
  const dayZero = new Map<string, number>();
  const noisy = wells.map((well) => {
    const seeding = lognormal(random, SEEDING_CV);
    const reading = (): number => 1 + READING_CV * normal(random);
    dayZero.set(well.well, seeding * reading());
    return { ...well, viability: well.viability * design.plateLevel * seeding * reading() };
  });
  return { wells: noisy, dayZero, trueIc50 };
}

/** Values relative to vehicle by each of the choices of study.json, over the plates of a day. */
const CHOICES: Record<string, (plates: readonly PlateDay[]) => Value[]> = {
  'vehicle-plate': (plates) => plates.flatMap(({ wells }) => relative(wells, vehicleOf(wells))),
  'vehicle-day': (plates) => {
    const all = plates.flatMap(({ wells }) => wells);
    return relative(all, vehicleOf(all));
  },
  'day-0': (plates) =>
    plates.flatMap(({ wells, dayZero }) => {
      const own = wells.map((well) => ({ ...well, viability: well.viability / (dayZero.get(well.well) ?? 1) }));
      return relative(own, vehicleOf(own));
    }),
  'b-score': (plates) =>
    plates.flatMap(({ wells }) => {
      const factors = polishFactors(wells);
      const own = wells.map((well) => ({ ...well, viability: well.viability / (factors.get(well.well) ?? 1) }));
      return relative(own, vehicleOf(own));
    }),
};

const vehicleOf = (wells: readonly Value[]): number =>
  median(wells.flatMap(({ role, viability }) => (role === 'vehicle' ? [viability] : [])));
const relative = (wells: readonly Value[], level: number): Value[] =>
  wells.map((well) => ({ ...well, viability: well.viability / level }));

interface Errors {
  /** |log10 of IC50 over its true value|, of active compounds. */
  active: number[];
  /** Inert compounds with an IC50 within the tested doses. */
  falsely: number;
  inert: number;
}

function judge(values: readonly Value[], truth: ReadonlyMap<string, number>, into: Errors): void {
  for (const [key, own] of groupBy(
    values.filter(({ role }) => role === 'treated'),
    (value) => value.key,
  )) {
    const ic50 = fitDoseResponse(doseSummaries(own))?.ic50_uM ?? Number.NaN;
    const wanted = truth.get(key) ?? Number.NaN;
    if (Number.isFinite(wanted)) into.active.push(Math.min(2, Math.abs(Math.log10(ic50 / wanted))));
    else {
      into.inert += 1;
      if (ic50 <= 300) into.falsely += 1;
    }
  }
}

function run(
  name: string,
  design: Omit<EffectPlateDesign, 'plateLevel' | 'controlCv'>,
  plateCv = PLATE_CV,
): Record<string, Errors> {
  const errors = Object.fromEntries(
    Object.keys(CHOICES).map((choice): [string, Errors] => [choice, { active: [], falsely: 0, inert: 0 }]),
  );
  for (let day = 0; day < DAYS; day += 1) {
    const drugs = seedOf(name, 'drugs', day);
    const plates = Array.from({ length: PLATES }, (_, plate) => {
      const random = seededRandom(seedOf(name, day, plate));
      return plateDay({ ...design, controlCv: 0, plateLevel: lognormal(random, plateCv) }, random, drugs);
    });
    for (const [choice, values] of Object.entries(CHOICES)) {
      const into = errors[choice];
      if (into) judge(values(plates), plates[0]?.trueIc50 ?? new Map(), into);
    }
  }
  return errors;
}

const say = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);
const rms = (values: readonly number[]): string =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length).toFixed(3);
const shown = ({ active, falsely, inert }: Errors): string =>
  `${rms(active)}, ${Math.round((100 * falsely) / inert)} %`;

const usual = { compounds: 16, doses: 8, vehicleWells: 8 };
say(['effect', 'layout', ...Object.keys(CHOICES)]);
say(['---', '---', ...Object.keys(CHOICES).map(() => '---')]);
for (const [name, effect] of Object.entries(PLACE_EFFECTS)) {
  for (const layout of ['rows', 'scattered'] as const) {
    const errors = run(`${name}${layout}`, { ...usual, layout, effect });
    say([name, layout, ...Object.values(errors).map(shown)]);
  }
}
const apart = run('plates apart', { ...usual, layout: 'rows', effect: PLACE_EFFECTS.none }, 0.3);
say(['plates differ by 30 % (CV)', 'rows', ...Object.values(apart).map(shown)]);
process.stdout.write('\n');
say(['vehicle wells a plate', ...Object.keys(CHOICES)]);
say(['---', ...Object.keys(CHOICES).map(() => '---')]);
for (const vehicleWells of [2, 4, 6, 8, 16, 32]) {
  const errors = run('vehicles', { ...usual, vehicleWells, layout: 'rows', effect: PLACE_EFFECTS.none });
  say([String(vehicleWells), ...Object.values(errors).map(shown)]);
}
