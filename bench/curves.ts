/** Speed and coverage of the supported curve and its intervals, on simulated plates. */
import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import type { CurveWell } from '../lambdas/domain/curves/data.ts';
import { median } from '../lambdas/domain/statistics.ts';
import { normal, type Random, seededRandom } from '../simulation/random.ts';

const DOSES_uM = [0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316];
const REPLICATES = 3;
const CONTROL_CV = 0.14;

interface Scenario {
  name: string;
  upper: number;
  lower: number;
  hill: number;
  /** Noise of a dead well as a share of a living one's: 0.3 is what the weights assume. */
  floor: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: '2PL', upper: 1, lower: 0, hill: 1, floor: 0.3 },
  { name: '3PL, upper 0.85', upper: 0.85, lower: 0, hill: 2, floor: 0.3 },
  { name: '4PL, 1.1 to 0.1', upper: 1.1, lower: 0.1, hill: 1.5, floor: 0.3 },
  { name: '2PL, noise ∝ level', upper: 1, lower: 0, hill: 1, floor: 0 },
  { name: '2PL, constant noise', upper: 1, lower: 0, hill: 1, floor: 100 },
];
const VEHICLE_WELLS = [2, 6, 16];
const LEVELS = [10, 20, 50, 90] as const;

export interface Coverage {
  scenario: string;
  vehicleWells: number;
  /** Share of intervals that hold the truth, by percent lost; NaN for a loss that the curve does not reach. */
  covered: Record<(typeof LEVELS)[number], number>;
}

/** @param plates simulated for each scenario and number of vehicle wells. */
export function benchCurves(plates: number): { analysesPerSecond: number; coverage: Coverage[] } {
  const started = performance.now();
  const coverage = SCENARIOS.flatMap((scenario) =>
    VEHICLE_WELLS.map((vehicleWells) => coverageOf(scenario, vehicleWells, plates)),
  );
  const seconds = (performance.now() - started) / 1000;
  return { analysesPerSecond: (SCENARIOS.length * VEHICLE_WELLS.length * plates) / seconds, coverage };
}

function coverageOf(scenario: Scenario, vehicleWells: number, plates: number): Coverage {
  const { upper, lower, hill } = scenario;
  const hits = new Map<number, boolean[]>(LEVELS.map((level) => [level, []]));
  for (let seed = 0; seed < plates; seed += 1) {
    const random = seededRandom(1000 * vehicleWells + seed);
    const ic = 10 ** (0.5 + random());
    const analysis = analyseCurve(wellsOf(scenario, ic, vehicleWells, random));
    for (const { level, low_uM, high_uM } of analysis?.losses ?? []) {
      const remaining = 1 - level / 100;
      const truth = ic * ((upper - remaining) / (remaining - lower)) ** (1 / hill);
      // Only losses that the true curve reaches within the tested doses; a curve taken for flat has missed.
      if (!(truth >= 0.1 && truth <= 316)) continue;
      const inside = (low_uM ?? 0) <= truth && truth <= (high_uM ?? Number.POSITIVE_INFINITY);
      hits.get(level)?.push(inside && analysis?.model !== 'constant');
    }
  }
  const share = (level: number): number => {
    const values = hits.get(level) ?? [];
    return values.filter(Boolean).length / values.length;
  };
  return {
    scenario: scenario.name,
    vehicleWells,
    covered: { 10: share(10), 20: share(20), 50: share(50), 90: share(90) },
  };
}

function wellsOf(
  { upper, lower, hill, floor }: Scenario,
  ic: number,
  vehicleWells: number,
  random: Random,
): CurveWell[] {
  const noisy = (level: number): number =>
    level + (CONTROL_CV * Math.hypot(level, floor) * normal(random)) / Math.hypot(1, floor);
  const vehicle = Array.from({ length: vehicleWells }, () => noisy(1));
  const middle = median(vehicle);
  const treated = DOSES_uM.flatMap((concentration_uM) =>
    Array.from({ length: REPLICATES }, () => ({
      concentration_uM,
      viability: noisy(lower + (upper - lower) / (1 + (concentration_uM / ic) ** hill)),
    })),
  );
  return [...vehicle.map((viability) => ({ concentration_uM: 0, viability })), ...treated].map((well) => ({
    ...well,
    scale: 'plate',
    viability: well.viability / middle,
  }));
}
