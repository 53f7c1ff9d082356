/**
 * How often the 95 % interval of an IC50 holds the truth when plates differ: by each plate's own vehicle wells, by those of the day, and on
 * plates that have none. Run: `npx tsx bench/plate-levels.ts [draws]`.
 */

import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import { curveWells } from '../lambdas/domain/scoring/curve-wells.ts';
import { vehicleLevels } from '../lambdas/domain/scoring/normalise.ts';
import { normal, type Random, seededRandom, seedOf } from '../simulation/random.ts';

const RUNS = Number(process.argv[2] ?? 1000);
const WELL_CV = 0.1;
const DOSES_uM = Array.from({ length: 8 }, (_, i) => 0.1 * 10 ** (i / 2));
const TRUE_IC50_uM = 10;
const HILL = 1.5;

interface Design {
  name: string;
  /** Plates with vehicle wells and none of the compound. */
  lenders: number;
  /** Plates with the compound. */
  carriers: number;
  /** Whether those have vehicle wells of their own. */
  hasOwn?: boolean;
  /** `vehicle-day`. */
  pooled?: boolean;
  replicates?: number;
  vehicleWells?: number;
}

const DESIGNS: readonly Design[] = [
  { name: 'vehicle-plate', lenders: 1, carriers: 1, hasOwn: true },
  { name: 'vehicle-day, 2 plates', lenders: 1, carriers: 1, hasOwn: true, pooled: true },
  { name: 'vehicle-plate, no replicates', lenders: 1, carriers: 1, hasOwn: true, replicates: 1, vehicleWells: 1 },
  ...[1, 2, 3, 6].flatMap((lenders) =>
    [1, 2, 8].map((carriers) => ({
      name: `${carriers} borrowing from ${lenders}`,
      lenders,
      carriers,
    })),
  ),
  ...[1, 3].map((lenders) => ({
    name: `1 borrowing from ${lenders}, no replicates`,
    lenders,
    carriers: 1,
    replicates: 1,
    vehicleWells: 1,
  })),
];

/** @returns whether the interval held the truth, and whether both its ends are closed. */
function run(design: Design, plateCv: number, random: Random): { holds: boolean; closed: boolean; fold: number } {
  const { lenders, carriers, hasOwn = false, pooled = false, replicates = 2, vehicleWells = 8 } = design;
  const noisy = (level: number): number => Math.max(0, level * (1 + WELL_CV * normal(random)));
  const levels = Array.from({ length: carriers + lenders }, () => Math.max(0.3, 1 + plateCv * normal(random)));
  const vehicles = levels.flatMap((level, i) =>
    i < carriers && !hasOwn
      ? []
      : Array.from({ length: vehicleWells }, () => ({
          plate: `P${i}`,
          role: 'vehicle',
          concentration_uM: 0,
          viability: noisy(level),
        })),
  );
  const own = levels.slice(0, carriers).flatMap((level, i) =>
    DOSES_uM.flatMap((concentration_uM) =>
      Array.from({ length: replicates }, () => ({
        plate: `P${i}`,
        role: 'treated',
        concentration_uM,
        viability: noisy(level / (1 + (concentration_uM / TRUE_IC50_uM) ** HILL)),
      })),
    ),
  );
  const wells = curveWells(own, vehicles, vehicleLevels([...own, ...vehicles], { pooled }));
  const half = analyseCurve(wells, [50])?.losses[0];
  if (!half || (half.low_uM === null && half.high_uM === null))
    return { holds: true, closed: false, fold: Number.POSITIVE_INFINITY };
  const [low, high] = [half.low_uM ?? 0, half.high_uM ?? Number.POSITIVE_INFINITY];
  return {
    holds: low <= TRUE_IC50_uM && TRUE_IC50_uM <= high,
    closed: half.low_uM !== null && half.high_uM !== null,
    fold: low > 0 ? high / low : Number.POSITIVE_INFINITY,
  };
}

for (const design of DESIGNS) {
  const shares = [0.06, 0.15, 0.2].map((plateCv) => {
    const random = seededRandom(seedOf('plate levels', design.name, plateCv));
    const runs = Array.from({ length: RUNS }, () => run(design, plateCv, random));
    const widths = runs.map(({ fold }) => fold).sort((a, b) => a - b);
    const share = (is: (one: (typeof runs)[number]) => boolean): string => (runs.filter(is).length / RUNS).toFixed(3);
    return `${100 * plateCv} %: ${share(({ holds }) => holds)}, closed ${share(({ closed }) => closed)}, width ${(widths[Math.floor(RUNS / 2)] ?? 0).toFixed(1)}-fold`;
  });
  console.log(`${design.name}; plates differ by ${shares.join('; ')}`);
}
