/**
 * One compound on one day, from normalised wells to a verdict: the paper's fit and the curve that the wells support, side by
 * side. The verdict rests on the one that the study chose.
 */
import type { CurveWell } from '../curves/data.ts';
import { largestSharedError } from '../curves/shared-error.ts';
import { type DosePoint, type DoseResponseFit, fitDoseResponse, testedRange } from '../dose-response/dose-response.ts';
import { censoredIcx, type IcxTable, isExtrapolated } from '../dose-response/icx.ts';
import type { ScoringMethod } from '../notes/study.ts';
import { groupBy, median } from '../statistics.ts';
import { type SupportedCurve, supportedCurve } from '../supported/curve.ts';
import { supportedVerdict } from '../supported/verdict.ts';
import { type Exposure, type Margin, marginOf, marginOfSafety } from '../verdict/margin-of-safety.ts';
import type { VerdictThresholds } from '../verdict/thresholds.ts';
import { type Verdict, verdictOf } from '../verdict/verdict.ts';

export interface DoseSummary extends DosePoint {
  /** Replicates; `viability` is their median. */
  n: number;
  min: number;
  max: number;
}

export interface Assessment {
  points: DoseSummary[];
  /** The paper's two-parameter fit, raw, before censoring; null when there are too few concentrations. */
  fit: DoseResponseFit | null;
  /** Of the paper's fit, after censoring; null without it. */
  icx_uM: IcxTable | null;
  /** True when that IC50 is finite but below the lowest or above the highest tested concentration. */
  extrapolated: boolean;
  /** 0 when no dose has an accepted image. */
  lowestTested_uM: number;
  highestTested_uM: number;
  /** IC50 / Cmax by the paper's fit. */
  mos: number | 'inf' | null;
  /** The curve that the wells support; null when there are too few of them. */
  supported: SupportedCurve | null;
  /** IC50 / Cmax by that curve; null without a Cmax or a curve, and where its IC50 is not known. */
  margin: Margin | null;
  verdict: Verdict;
}

export interface AssessInput {
  /** Treated wells with the vehicle wells (concentration 0) that they were normalised to. */
  wells: readonly CurveWell[];
  exposure: Exposure;
  method: ScoringMethod;
  thresholds: VerdictThresholds;
  provisional: boolean;
  /** Why nothing can be said, known before any fit. */
  obstacle?: string | undefined;
  /** Says what is missing for a margin of safety; asked only when something is. */
  missing: (what: { concentrations: number; fit: DoseResponseFit | null }) => string;
  /** False where only the paper's fit is asked for: a supported curve takes some milliseconds. */
  withSupported?: boolean;
}

export function assess(input: AssessInput): Assessment {
  const { wells, exposure, method, thresholds, provisional, obstacle, withSupported = true } = input;
  const points = doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0));
  const range = testedRange(points);
  const fit = obstacle === undefined ? fitDoseResponse(points) : null;
  const icx_uM = fit && range ? censoredIcx(fit, range.highest_uM) : null;
  // Below three concentrations there is no dose-response, by either method.
  const supported = fit && withSupported ? supportedCurve(wells, thresholds.everyDoseAtLeast) : null;
  const margin = marginOf(supported, range, exposure);
  const lacks = obstacle !== undefined || !fit || exposure.cmax_uM === undefined;
  const missing = lacks ? (obstacle ?? input.missing({ concentrations: points.length, fit })) : undefined;
  const asked = { points, provisional, missing, thresholds };
  return {
    points,
    fit,
    icx_uM,
    extrapolated: icx_uM !== null && range !== undefined && isExtrapolated(icx_uM.ic50_uM, range),
    lowestTested_uM: range?.lowest_uM ?? 0,
    highestTested_uM: range?.highest_uM ?? 0,
    mos: icx_uM && exposure.cmax_uM !== undefined ? marginOfSafety(icx_uM.ic50_uM, exposure.cmax_uM) : null,
    supported,
    margin,
    verdict:
      method === 'nvir'
        ? verdictOf({ ...asked, icx_uM, cmax_uM: exposure.cmax_uM })
        : supportedVerdict({ ...asked, supported, margin, exposure, sharedHalfWidth95: largestSharedError(wells) }),
  };
}

/** Median over replicates at each concentration, lowest first (step 2 of the method). */
export function doseSummaries(wells: readonly DosePoint[]): DoseSummary[] {
  return [...groupBy(wells, (well) => well.concentration_uM)]
    .sort(([a], [b]) => a - b)
    .map(([concentration_uM, replicates]) => {
      const values = replicates.map((well) => well.viability);
      return {
        concentration_uM,
        viability: median(values),
        n: values.length,
        min: Math.min(...values),
        max: Math.max(...values),
      };
    });
}
