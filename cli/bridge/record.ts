/** A recalibration as a version of its own: the line, the model it belongs to, and the evidence that it rests on. */
import { createHash } from 'node:crypto';
import type { BridgeJudgement } from '../../lambdas/domain/bridge/judge.ts';
import type { Recalibration } from '../../lambdas/domain/bridge/recalibration.ts';
import type { BridgeWell } from '../../lambdas/domain/bridge/wells.ts';
import type { ModelIdentity } from '../../lambdas/domain/reads/reading.ts';

export interface RecalibrationRecord {
  kind: 'nvir-recalibration';
  schema: 1;
  /** Of the recalibrated model: the model's own, the day, and the evidence's digest. */
  version: string;
  model: Omit<ModelIdentity, 'variant'>;
  recordedOn: string;
  /** recalibrated viability = intercept + slope × the model's viability. */
  line: Pick<Recalibration, 'slope' | 'intercept' | 'predictedRange'>;
  evidence: Pick<Recalibration, 'wells' | 'plates' | 'crossValidation'> & {
    /** Plates as study/plate. */
    of: string[];
    /** SHA-256 of the wells with both viabilities, in order of place. */
    sha256: string;
    before: Pick<BridgeJudgement, 'verdict' | 'criteria'>;
  };
}

export function recordOf(
  { slope, intercept, predictedRange, wells: count, plates, crossValidation }: Recalibration,
  judgement: BridgeJudgement,
  wells: readonly BridgeWell[],
  model: Omit<ModelIdentity, 'variant'>,
  recordedOn: string,
): RecalibrationRecord {
  const { name, version, sha256 } = model;
  const lines = wells.map((w) => JSON.stringify([w.study, w.plate, w.day, w.well, w.predicted, w.label])).sort();
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex');
  return {
    kind: 'nvir-recalibration',
    schema: 1,
    version: `${version}+bridge.${recordedOn}.${digest.slice(0, 8)}`,
    model: { name, version, sha256 },
    recordedOn,
    line: { slope, intercept, predictedRange },
    evidence: {
      wells: count,
      plates,
      crossValidation,
      of: [...new Set(wells.map(({ study, plate }) => `${study}/${plate}`))].sort(),
      sha256: digest,
      before: { verdict: judgement.verdict, criteria: judgement.criteria },
    },
  };
}
