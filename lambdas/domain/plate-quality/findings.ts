/** From measures to accept, review or reject. The worst finding decides. */
import type { BackgroundSuspicion } from './background.ts';
import type { ControlQuality } from './controls.ts';
import type { ReplicateAgreement } from './replicates.ts';
import type { Effect, SpatialQuality } from './spatial.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';

export const PLATE_VERDICTS = ['accept', 'review', 'reject'] as const;
export type PlateVerdict = (typeof PLATE_VERDICTS)[number];

export interface Finding {
  measure: string;
  verdict: Exclude<PlateVerdict, 'accept'>;
  /** With the value, the limit and what to do. */
  reason: string;
}

export interface Measures {
  controls: ControlQuality;
  spatial: SpatialQuality;
  replicates: ReplicateAgreement;
  backgrounds: readonly BackgroundSuspicion[];
}

export function findingsOf({ controls, spatial, replicates, backgrounds }: Measures): Finding[] {
  return [
    ...vehicleFindings(controls),
    ...windowFindings(controls),
    ...effectFinding('edge', 'the outer ring of wells', spatial.edge, T.edgeEffect),
    ...effectFinding('row-drift', 'from the first to the last row viability', spatial.rowDrift, T.drift),
    ...effectFinding('column-drift', 'from the first to the last column viability', spatial.columnDrift, T.drift),
    ...patternFindings(spatial),
    ...(replicates.sd !== null && replicates.sd > T.replicates.reviewAbove
      ? [
          review(
            'replicates',
            `replicates differ by ${percent(replicates.sd)} of the level (SD); usual is below ${percent(T.replicates.reviewAbove)}`,
          ),
        ]
      : []),
    ...backgrounds.map(({ reason }) => review('background', reason)),
  ];
}

export const worstOf = (findings: readonly Finding[]): PlateVerdict =>
  findings.some(({ verdict }) => verdict === 'reject') ? 'reject' : findings.length > 0 ? 'review' : 'accept';

const review = (measure: string, reason: string): Finding => ({ measure, verdict: 'review', reason });

/** The robust form decides; its error with few wells is why rejecting starts at twice the limit. */
function vehicleFindings({ robustVehicleCv: cv, vehicleWells }: ControlQuality): Finding[] {
  if (cv === null || cv <= T.vehicleCv.reviewAbove) return [];
  const verdict = cv > T.vehicleCv.rejectAbove ? 'reject' : 'review';
  const limit = verdict === 'reject' ? T.vehicleCv.rejectAbove : T.vehicleCv.reviewAbove;
  return [
    {
      measure: 'vehicle-cv',
      verdict,
      reason: `the ${vehicleWells} vehicle wells vary by ${percent(cv)} (robust CV; at most ${percent(limit)})`,
    },
  ];
}

function windowFindings({ robustZPrime, ssmd, signalWindow, vehicleWells, positiveWells }: ControlQuality): Finding[] {
  const enough = Math.min(vehicleWells, positiveWells) >= T.zPrime.wells;
  const findings: Finding[] = [];
  if (robustZPrime !== null && robustZPrime < T.zPrime.reviewBelow) {
    const rejected = robustZPrime < T.zPrime.rejectBelow && enough;
    findings.push({
      measure: 'z-prime',
      verdict: rejected ? 'reject' : 'review',
      reason: rejected
        ? `robust Z' is ${robustZPrime.toFixed(2)}: vehicle and positive control overlap`
        : `robust Z' is ${robustZPrime.toFixed(2)}, below ${T.zPrime.reviewBelow}`,
    });
  }
  if (ssmd !== null && ssmd < T.ssmd.reviewBelow)
    findings.push(review('ssmd', `SSMD is ${ssmd.toFixed(1)}, below ${T.ssmd.reviewBelow}`));
  if (signalWindow !== null && signalWindow < T.signalWindow.reviewBelow)
    findings.push(
      review('signal-window', `the signal window is ${signalWindow.toFixed(1)}, below ${T.signalWindow.reviewBelow}`),
    );
  return findings;
}

function effectFinding(
  measure: string,
  what: string,
  found: Effect | null,
  limit: { reviewBeyond: number; z: number },
): Finding[] {
  if (!found || Math.abs(found.effect) < limit.reviewBeyond || Math.abs(found.z) < limit.z) return [];
  const direction = found.effect < 0 ? 'less' : 'more';
  return [
    review(
      measure,
      `${what} reads ${percent(Math.abs(found.effect))} ${direction} (limit ${percent(limit.reviewBeyond)})`,
    ),
  ];
}

function patternFindings({ nrfe, neighbours_z }: SpatialQuality): Finding[] {
  if (nrfe === null || neighbours_z === null) return [];
  const z = Math.abs(neighbours_z);
  const stands = z >= T.spatial.clearZ || (nrfe >= T.spatial.reviewNrfe && z >= T.spatial.reviewZ);
  if (!stands) return [];
  const verdict = nrfe >= T.spatial.rejectNrfe && z >= T.spatial.rejectZ ? 'reject' : 'review';
  const how = neighbours_z > 0 ? 'neighbours err alike' : 'neighbours err oppositely';
  return [
    {
      measure: 'spatial-pattern',
      verdict,
      reason: `wells miss their curves in a pattern over the plate: NRFE ${nrfe.toFixed(1)}, and ${how} (${z.toFixed(1)} standard errors from chance)`,
    },
  ];
}

const percent = (fraction: number): string => `${Math.round(100 * fraction)} %`;
