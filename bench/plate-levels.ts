/**
 * How often the 95 % interval of an IC50 holds the truth when plates differ: by each plate's own vehicle wells, by those of the day, and on
 * a plate that has none. Run: `npx tsx bench/plate-levels.ts`.
 */

import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import { curveWells } from '../lambdas/domain/scoring/curve-wells.ts';
import { vehicleLevels } from '../lambdas/domain/scoring/normalise.ts';
import { normal, type Random, seededRandom, seedOf } from '../simulation/random.ts';

const RUNS = Number(process.argv[2] ?? 1000);
const WELL_CV = 0.1;
const VEHICLE_WELLS = 8;
const DOSES_uM = Array.from({ length: 8 }, (_, i) => 0.1 * 10 ** (i / 2));
const REPLICATES = 2;
const TRUE_IC50_uM = 10;
const HILL = 1.5;

const DESIGNS = [
  { name: 'vehicle-plate', donors: 1, hasOwn: true, pooled: false },
  { name: 'vehicle-day, 2 plates', donors: 1, hasOwn: true, pooled: true },
  { name: 'borrowed from 1 plate', donors: 1, hasOwn: false, pooled: false },
  { name: 'borrowed from 2 plates', donors: 2, hasOwn: false, pooled: false },
  { name: 'borrowed from 3 plates', donors: 3, hasOwn: false, pooled: false },
  { name: 'borrowed from 6 plates', donors: 6, hasOwn: false, pooled: false },
] as const;
type Design = (typeof DESIGNS)[number];

/** @returns whether the interval held the truth, and whether both its ends are closed. */
function run({ donors, hasOwn, pooled }: Design, plateCv: number, random: Random): { holds: boolean; closed: boolean } {
  const noisy = (level: number): number => Math.max(0, level * (1 + WELL_CV * normal(random)));
  const levels = Array.from({ length: donors + 1 }, () => Math.max(0.3, 1 + plateCv * normal(random)));
  const vehicles = levels.flatMap((level, i) =>
    i === 0 && !hasOwn
      ? []
      : Array.from({ length: VEHICLE_WELLS }, () => ({
          plate: `P${i}`,
          role: 'vehicle',
          concentration_uM: 0,
          viability: noisy(level),
        })),
  );
  const own = DOSES_uM.flatMap((concentration_uM) =>
    Array.from({ length: REPLICATES }, () => ({
      plate: 'P0',
      role: 'treated',
      concentration_uM,
      viability: noisy((levels[0] ?? 1) / (1 + (concentration_uM / TRUE_IC50_uM) ** HILL)),
    })),
  );
  const wells = curveWells(own, vehicles, vehicleLevels([...own, ...vehicles], { pooled }));
  const half = analyseCurve(wells, [50])?.losses[0];
  if (!half || (half.low_uM === null && half.high_uM === null)) return { holds: true, closed: false };
  const [low, high] = [half.low_uM ?? 0, half.high_uM ?? Number.POSITIVE_INFINITY];
  return { holds: low <= TRUE_IC50_uM && TRUE_IC50_uM <= high, closed: half.low_uM !== null && half.high_uM !== null };
}

for (const design of DESIGNS)
  for (const plateCv of [0.06, 0.15, 0.2]) {
    const random = seededRandom(seedOf('plate levels', design.name, plateCv));
    const runs = Array.from({ length: RUNS }, () => run(design, plateCv, random));
    const share = (is: (one: (typeof runs)[number]) => boolean): string => (runs.filter(is).length / RUNS).toFixed(3);
    console.log(
      `${design.name}, plates differ by ${100 * plateCv} %: the truth is in ${share(({ holds }) => holds)}, closed ${share(({ closed }) => closed)}`,
    );
  }
