/** A recalibration as a version of its own: the line, the model it belongs to, and the evidence that it rests on. */
import { createHash } from 'node:crypto';
import type { BridgeJudgement } from '../../lambdas/domain/bridge/judge.ts';
import type { Recalibration } from '../../lambdas/domain/bridge/recalibration.ts';
import { type BridgeWell, platesOf } from '../../lambdas/domain/bridge/wells.ts';
import type { ModelIdentity } from '../../lambdas/domain/reads/reading.ts';
import { recordDigest } from './record-digest.ts';

export interface RecalibrationRecord {
  kind: 'nvir-recalibration';
  schema: 2;
  /** Of the recalibrated model: the model's own, the day, and the first digits of `sha256`. */
  version: string;
  /** Over all of the record but `version` and itself, see `recordDigest`: who serves it finds what was edited. */
  sha256: string;
  model: Omit<ModelIdentity, 'variant'>;
  recordedOn: string;
  /** recalibrated viability = intercept + slope × the model's viability. */
  line: Pick<Recalibration, 'slope' | 'intercept' | 'predictedRange'>;
  evidence: Pick<Recalibration, 'wells' | 'plates' | 'crossValidation'> & {
    /** Plates as study/plate, each once. */
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
  return sealed({
    kind: 'nvir-recalibration',
    schema: 2,
    model: { name, version, sha256 },
    recordedOn,
    line: { slope, intercept, predictedRange },
    evidence: {
      wells: count,
      plates,
      crossValidation,
      of: platesOf(wells)
        .flatMap(([well]) => (well ? [`${well.study}/${well.plate}`] : []))
        .sort(),
      sha256: createHash('sha256').update(lines.join('\n')).digest('hex'),
      before: { verdict: judgement.verdict, criteria: judgement.criteria },
    },
  });
}

/** With the digest over it and the version that it names. */
export function sealed(record: Omit<RecalibrationRecord, 'version' | 'sha256'>): RecalibrationRecord {
  const { kind, schema, model, recordedOn, line, evidence } = record;
  // As it will be read from the file: JSON knows neither -0 nor NaN.
  const sha256 = recordDigest(JSON.parse(JSON.stringify(record)));
  const version = `${model.version}+bridge.${recordedOn}.${sha256.slice(0, 8)}`;
  return { kind, schema, version, sha256, model, recordedOn, line, evidence };
}
