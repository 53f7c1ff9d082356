/** Simulates a planned screen: compounds of known margin of safety on its plates, analysed and called as the product does. */
import { type Judged, judge } from '../lambdas/domain/planning/call.ts';
import { dosesOf, type ScreenDesign } from '../lambdas/domain/planning/design.ts';
import { type Outcome, outcomeOf } from '../lambdas/domain/planning/outcome.ts';
import { type CurveTruth, plateOfCurve, USUAL_DESIGN } from './curve-plate.ts';
import { misreadAsStated } from './misread.ts';
import { seededRandom, seedOf } from './random.ts';

export interface SimulatedPlan {
  /** True margins of safety; `'none'`: a compound that loses nothing. */
  margins: readonly (number | 'none')[];
  /** Steepness of the true curves. */
  hill: number;
  /** Simulated compounds for each margin. */
  runs: number;
  seed: number;
}

/** The same seed gives compared designs the same chance, as far as their wells go. @param onRun called after each compound */
export function simulatePlan(
  design: ScreenDesign,
  { margins, hill, runs, seed }: SimulatedPlan,
  onRun: () => void = () => undefined,
): Outcome[] {
  return margins.map((mos) => {
    const middle_uM = mos === 'none' ? Number.POSITIVE_INFINITY : mos * design.cmax_uM;
    const truth: CurveTruth = { upper: 1, lower: 0, middle_uM, hill };
    const compounds = Array.from({ length: runs }, (_, run) => {
      const compound = simulateCompound(design, truth, [seed, mos, run]);
      onRun();
      return compound;
    });
    return outcomeOf(mos, design.cmax_uM, compounds);
  });
}

function simulateCompound(design: ScreenDesign, truth: CurveTruth, seed: readonly (number | string)[]): Judged {
  const { plates, replicates, vehicleWells, controlCv, cmax_uM, sharedHalfWidths90 } = design;
  const random = seededRandom(seedOf(...seed));
  const plate = { ...USUAL_DESIGN, doses_uM: dosesOf(design), replicates, vehicleWells, controlCv };
  const wells = Array.from({ length: plates }, (_, i) => plateOfCurve(truth, plate, random, `plate ${i + 1}`)).flat();
  // A chance of its own: designs of other wells are read by the same model.
  const ofModel = seededRandom(seedOf(...seed, 'model'));
  return judge(misreadAsStated(wells, truth, sharedHalfWidths90, ofModel), cmax_uM);
}
