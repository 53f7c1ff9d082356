/** Speed and coverage of the supported curve and its intervals, on simulated plates. */

import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import { fitDoseResponse } from '../lambdas/domain/dose-response/dose-response.ts';
import { censoredIcx } from '../lambdas/domain/dose-response/icx.ts';
import { doseSummaries } from '../lambdas/domain/scoring/assess.ts';
import { plateOfCurve, trueCrossing, USUAL_DESIGN } from '../simulation/curve-plate.ts';
import { seededRandom, seedOf } from '../simulation/random.ts';

interface Scenario {
  name: string;
  upper: number;
  lower: number;
  hill: number;
  /** Noise of dead wells, of one in living wells; large = constant. */
  noiseFloor: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: '2PL', upper: 1, lower: 0, hill: 1, noiseFloor: 0.3 },
  { name: '3PL, upper 0.85', upper: 0.85, lower: 0, hill: 2, noiseFloor: 0.3 },
  { name: '4PL, 1.1 to 0.1', upper: 1.1, lower: 0.1, hill: 1.5, noiseFloor: 0.3 },
  { name: '2PL, noise ∝ level', upper: 1, lower: 0, hill: 1, noiseFloor: 0 },
  { name: '2PL, constant noise', upper: 1, lower: 0, hill: 1, noiseFloor: 100 },
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
export function benchCurves(plates: number): { /** Of one core. */ analysesPerSecond: number; coverage: Coverage[] } {
  const before = process.cpuUsage();
  const coverage = SCENARIOS.flatMap((scenario) =>
    VEHICLE_WELLS.map((vehicleWells) => coverageOf(scenario, vehicleWells, plates)),
  );
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  return { analysesPerSecond: (SCENARIOS.length * VEHICLE_WELLS.length * plates) / seconds, coverage };
}

function coverageOf({ name, noiseFloor, ...shape }: Scenario, vehicleWells: number, plates: number): Coverage {
  const design = { ...USUAL_DESIGN, vehicleWells, noiseFloor };
  const [lowest = 0, highest = 0] = [design.doses_uM[0], design.doses_uM.at(-1)];
  const hits = new Map<number, boolean[]>(LEVELS.map((level) => [level, []]));
  for (let seed = 0; seed < plates; seed += 1) {
    // Not the plates on which the span of models was chosen, and each line its own: chance that is shared would look like a finding.
    const random = seededRandom(seedOf('coverage, fresh', name, vehicleWells, seed));
    const truth = { ...shape, middle_uM: 10 ** (0.5 + random()) };
    const analysis = analyseCurve(plateOfCurve(truth, design, random));
    for (const { level, low_uM, high_uM } of analysis?.losses ?? []) {
      const at = trueCrossing(truth, 1 - level / 100);
      // Only losses that the true curve reaches within the tested doses; a curve taken for flat has missed.
      if (!(at >= lowest && at <= highest)) continue;
      const inside = (low_uM ?? 0) <= at && at <= (high_uM ?? Number.POSITIVE_INFINITY);
      hits.get(level)?.push(inside && analysis?.model !== 'constant');
    }
  }
  const share = (level: number): number => {
    const values = hits.get(level) ?? [];
    return values.filter(Boolean).length / values.length;
  };
  return {
    scenario: name,
    vehicleWells,
    covered: { 10: share(10), 20: share(20), 50: share(50), 90: share(90) },
  };
}

export interface UnreachedIc50 {
  kind: string;
  compounds: number;
  /** Compounds whose IC50 the published rule calls finite: within ten times the highest dose. */
  published: number;
  /** Compounds with an IC50 within the tested doses by the supported curve. */
  supported: number;
}

/** How many compounds that never lose half of the viability get an IC50 all the same. */
export function benchUnreached(compounds: number): UnreachedIc50[] {
  return [
    { kind: 'flat, at 0.95 to 1.3', plateaus: [0.95, 1.3], hill: 1, middle_uM: 1e9 },
    { kind: 'falls to 0.55 to 0.95', plateaus: [0.55, 0.95], hill: 1.5, middle_uM: 10 },
  ].map(({ kind, plateaus: [low = 0, high = 0], hill, middle_uM }) => {
    let [published, supported] = [0, 0];
    for (let seed = 0; seed < compounds; seed += 1) {
      const random = seededRandom(seed);
      const plateau = low + (high - low) * random();
      const flat = middle_uM > 1e6;
      const truth = { upper: flat ? plateau : 1, lower: flat ? 0 : plateau, middle_uM, hill };
      const wells = plateOfCurve(truth, USUAL_DESIGN, random);
      const points = doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0));
      const fit = fitDoseResponse(points);
      const half = analyseCurve(wells)?.losses.find(({ level }) => level === 50);
      if (fit && censoredIcx(fit, USUAL_DESIGN.doses_uM.at(-1) ?? 0).ic50_uM !== 'inf') published += 1;
      if (half && half.concentration_uM !== null) supported += 1;
    }
    return { kind, compounds, published, supported };
  });
}
