/** The default analysis of one compound on one day: the curve that the wells support, and what is lost where. */
import { type CurveData, type CurveWell, curveData } from './data.ts';
import { chooseCurve } from './fit.ts';
import { ANALYSED_LEVELS, type AnalysedLevel, type LossEstimate, lossEstimates } from './intervals.ts';
import type { Curve, ModelName } from './models.ts';
import { quantileOfT } from './profile.ts';

export interface CurveAnalysis {
  /** `constant` is "no effect" when its upper level is 1, else a level that no dose changes. */
  model: ModelName;
  curve: Curve;
  /** AICc of every model that the number of concentrations and wells allows. */
  aicc: Partial<Record<ModelName, number>>;
  /** Standard deviation of a single vehicle well, relative to the vehicle level. */
  noise: number;
  losses: LossEstimate[];
  lowestTested_uM: number;
  highestTested_uM: number;
  wells: number;
  vehicleWells: number;
}

/**
 * @param levels losses in percent to find with their intervals
 * @returns null when there are too few wells for even a constant and its noise
 */
export function analyseCurve(
  wells: readonly CurveWell[],
  levels: readonly AnalysedLevel[] = ANALYSED_LEVELS,
): CurveAnalysis | null {
  const data = weighed(wells);
  const choice = data.concentrations > 0 ? chooseCurve(data) : null;
  if (!choice) return null;
  const { chosen, fits, noise } = choice;
  return {
    model: chosen.model,
    curve: chosen.curve,
    aicc: Object.fromEntries(fits.map((fit) => [fit.model, fit.aicc])),
    noise,
    losses: lossEstimates(data, choice, levels),
    lowestTested_uM: data.lowestTested_uM,
    highestTested_uM: data.highestTested_uM,
    wells: data.wells,
    vehicleWells: data.vehicleWells,
  };
}

/**
 * What is known of a borrowed level is weighed against the noise of a well. The fit that leaves those levels free tells it: a few replicates may not, and without
 * any there is no other noise. An interval allows for Student's t of that noise; how well a level is known is not estimated with it, and is spared that.
 */
function weighed(wells: readonly CurveWell[]): CurveData {
  const data = curveData(wells);
  if (data.concentrations === 0 || !wells.some(({ borrowed }) => borrowed)) return data;
  const choice = chooseCurve(data);
  if (!choice) return data;
  const { degreesOfFreedom } = choice.chosen;
  return curveData(wells, (choice.noise * quantileOfT(0.975, degreesOfFreedom)) / NORMAL_975);
}

const NORMAL_975 = 1.959964;
