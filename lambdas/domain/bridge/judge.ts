/** Whether a model holds on wells of a new microscope or donor, by criteria that were fixed beforehand. */
import { type Agreement, agreementOf } from './calls.ts';
import { BRIDGE_CRITERIA, type CriterionName, LEAST_EVIDENCE, LOSS_CALL_BELOW } from './criteria.ts';
import { type Estimate, plateJackknife } from './intervals.ts';
import { type BridgeWell, biasOf, type Line, lineOf, maeOf, platesOf } from './wells.ts';

export type BridgeVerdict = 'holds' | 'does not hold' | 'cannot be said';

export interface CriterionResult {
  name: CriterionName;
  estimate: Estimate;
  atLeast: number;
  atMost: number;
  /** `open`: the interval reaches over a limit. */
  outcome: 'met' | 'failed' | 'open';
}

export interface BridgeJudgement {
  verdict: BridgeVerdict;
  /** Why it is not `holds`, in sentences. */
  reasons: string[];
  wells: number;
  plates: number;
  /** 10th and 90th percentile. */
  labelRange: { low: number; high: number };
  predictedRange: { low: number; high: number };
  criteria: CriterionResult[];
  agreement: Agreement;
  intercept: Estimate;
}

/** @throws RangeError on no wells */
export function judgeBridge(wells: readonly BridgeWell[]): BridgeJudgement {
  if (wells.length === 0) throw new RangeError('no wells to judge by');
  const plates = platesOf(wells);
  const over = (statistic: (some: readonly BridgeWell[]) => number): Estimate => plateJackknife(plates, statistic);
  const line = (of: keyof Line) => (some: readonly BridgeWell[]) => lineOf(some)[of];
  const agreement = agreementOf(wells);
  const estimates: Record<CriterionName, Estimate> = {
    bias: over(biasOf),
    slope: over(line('slope')),
    mae: over(maeOf),
    agreement: agreement.share,
  };
  const names: CriterionName[] = ['bias', 'slope', 'mae', 'agreement'];
  const criteria = names.map((name) => resultOf(name, estimates[name]));
  const labelRange = rangeOf(wells.map(({ label }) => label));
  const thin = whyThin(wells, plates.length, labelRange);
  const failed = criteria.filter(({ outcome }) => outcome === 'failed');
  const open = criteria.filter(({ outcome }) => outcome === 'open');
  const verdict =
    thin.length > 0
      ? 'cannot be said'
      : failed.length > 0
        ? 'does not hold'
        : open.length > 0
          ? 'cannot be said'
          : 'holds';
  return {
    verdict,
    reasons: thin.length > 0 ? thin : [...failed.map(sentence), ...open.map(sentence)],
    wells: wells.length,
    plates: plates.length,
    labelRange,
    predictedRange: rangeOf(wells.map(({ predicted }) => predicted)),
    criteria,
    agreement,
    intercept: over(line('intercept')),
  };
}

function resultOf(name: CriterionName, estimate: Estimate): CriterionResult {
  const { atLeast, atMost } = BRIDGE_CRITERIA[name];
  const { value, low, high } = estimate;
  // Predictions that do not vary have no slope: such a model sees nothing.
  const isFailed = Number.isNaN(value) || high < atLeast || low > atMost;
  // A share or an error cannot leave its own range.
  const isMet = (low >= atLeast || name === 'mae') && (high <= atMost || name === 'agreement');
  return { name, estimate, atLeast, atMost, outcome: isFailed ? 'failed' : isMet ? 'met' : 'open' };
}

/** What is missing before anything may be said. */
export function whyThin(
  wells: readonly BridgeWell[],
  plates: number,
  range: { low: number; high: number },
  least: { wells: number; plates: number } = LEAST_EVIDENCE,
): string[] {
  const lost = wells.filter(({ label }) => label < LOSS_CALL_BELOW).length;
  const alive = wells.length - lost;
  const spread = range.high - range.low;
  return [
    ...(wells.length < least.wells ? [`${wells.length} wells; at least ${least.wells} are needed`] : []),
    ...(plates < least.plates
      ? [`${plates} plates; at least ${least.plates} are needed, for wells of one plate share its control's error`]
      : []),
    ...(Math.min(lost, alive) < LEAST_EVIDENCE.wellsEachSide
      ? [
          `${lost} wells lost half of their ATP or more and ${alive} did not; at least ${LEAST_EVIDENCE.wellsEachSide} of each are needed`,
        ]
      : []),
    ...(spread < LEAST_EVIDENCE.labelSpread
      ? [
          `labels spread over ${spread.toFixed(2)} (10th to 90th percentile); at least ${LEAST_EVIDENCE.labelSpread} is needed`,
        ]
      : []),
  ];
}

const TITLES: Record<CriterionName, string> = {
  bias: 'bias',
  slope: 'calibration slope',
  mae: 'mean absolute error',
  agreement: 'agreement on losses of half or more',
};

function sentence({ name, estimate: { value, low, high }, atLeast, atMost, outcome }: CriterionResult): string {
  if (Number.isNaN(value)) return 'the predictions do not vary, whatever the ATP';
  const limits =
    name === 'mae' ? `at most ${atMost}` : name === 'agreement' ? `at least ${atLeast}` : `${atLeast} to ${atMost}`;
  const interval = `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return outcome === 'open'
    ? `${TITLES[name]} ${interval} is not decided against ${limits}: more plates narrow it`
    : `${TITLES[name]} ${interval} lies outside ${limits}`;
}

/** 10th and 90th percentile, by the nearest rank. */
export function rangeOf(values: readonly number[]): { low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(0.1), high: at(0.9) };
}
