/**
 * The default verdict: on the curve that the wells support, with its interval. A label is given where every margin that is
 * left open has it; an IC50 that was not reached is a limit, never a number.
 */
import { type DosePoint, testedRange } from '../dose-response/dose-response.ts';
import { significant } from '../statistics.ts';
import type { Exposure, Margin } from '../verdict/margin-of-safety.ts';
import type { VerdictThresholds } from '../verdict/thresholds.ts';
import type { Verdict } from '../verdict/verdict.ts';
import {
  above,
  below,
  fall,
  labelOf,
  labelsBetween,
  lowestMedian,
  multipleOf,
  tooLow,
} from '../verdict/verdict-words.ts';
import { isFitted, isReached, type SupportedCurve } from './curve.ts';

export interface SupportedVerdictInput {
  /** Medians of the doses, relative to vehicle. */
  points: readonly DosePoint[];
  supported: SupportedCurve | null;
  /** The largest of what the model may misread at any dose in all wells alike, with 95 %; undefined where readings state none. */
  sharedHalfWidth95?: number | undefined;
  /** Null without a Cmax or a curve, and where the IC50 is not known. */
  margin: Margin | null;
  exposure: Exposure;
  provisional: boolean;
  /** Why nothing can be said, known before. */
  missing?: string | undefined;
  thresholds: VerdictThresholds;
}

export function supportedVerdict(input: SupportedVerdictInput): Verdict {
  const { points, supported, sharedHalfWidth95 = 0, margin, exposure, provisional, missing, thresholds } = input;
  const range = testedRange(points);
  const method = 'supported';
  if (missing !== undefined || !supported || exposure.cmax_uM === undefined || !range) {
    const reason = missing ?? 'too few wells with an accepted image for a curve and its noise';
    return { label: 'unknown', reason, provisional, method };
  }
  if (!margin) {
    const reason = `${fall(lowestMedian(points))}, but ${notSupported(supported)}`;
    return { label: 'unknown', reason, provisional, method };
  }
  const { cmax_uM, cmaxRange_uM = [cmax_uM, cmax_uM] } = exposure;
  const tested: Tested = {
    ...{ points, supported, sharedHalfWidth95, margin, cmax_uM, thresholds },
    ...range,
    lowestCmax_uM: Math.min(cmax_uM, cmaxRange_uM[0]),
    highestCmax_uM: Math.max(cmax_uM, cmaxRange_uM[1]),
  };
  const { label, reason, possible } =
    margin.relation === '=' ? within(tested) : margin.relation === '<' ? allDosesKill(tested) : notReached(tested);
  const couldAlsoBe = [...new Set(possible)].filter((other) => other !== label);
  return {
    label,
    ...(reason === undefined ? {} : { reason }),
    provisional,
    method,
    ...(couldAlsoBe.length > 0 ? { couldAlsoBe } : {}),
  };
}

interface Tested {
  points: readonly DosePoint[];
  supported: SupportedCurve;
  sharedHalfWidth95: number;
  margin: Margin;
  cmax_uM: number;
  /** Of the published values and the one that is used. */
  lowestCmax_uM: number;
  highestCmax_uM: number;
  thresholds: VerdictThresholds;
  lowest_uM: number;
  highest_uM: number;
}

interface Said {
  label: string;
  reason?: string;
  /** Labels of every margin that is not excluded. */
  possible: string[];
}

const notSupported = (supported: SupportedCurve): string =>
  isFitted(supported) ? 'the wells support no dose-response with an IC50' : tooFew(supported);

const tooFew = ({ wells }: SupportedCurve): string =>
  `${wells} wells, controls included, are too few to support a dose-response`;

function within({ margin, thresholds }: Tested): Said {
  const { mos, high, lowWithCmax, highWithCmax } = margin;
  const possible = labelsBetween(lowWithCmax ?? 0, highWithCmax ?? Number.POSITIVE_INFINITY, thresholds);
  const reason = 'the interval of its IC50 is open above: the wells do not show where half is lost';
  return { label: labelOf(mos, thresholds), possible, ...(high === null ? { reason } : {}) };
}

/** The label of the smallest margins is kept, being the cautious reading. */
function allDosesKill({ supported, margin, thresholds, lowest_uM, lowestCmax_uM }: Tested): Said {
  const limit = lowest_uM / lowestCmax_uM;
  const high = hasInterval(supported) ? Math.max(limit, margin.highWithCmax ?? Number.POSITIVE_INFINITY) : limit;
  const reason = `its IC50 is < the lowest tested concentration (${significant(lowest_uM)} µM): its margin of safety is only known to be below ${significant(margin.mos)}`;
  return { label: labelOf(0, thresholds), reason, possible: labelsBetween(0, high, thresholds) };
}

/** A constant has none; of a curve an end that is null is open. */
const hasInterval = ({ model }: SupportedCurve): boolean => model !== 'constant';

function notReached(tested: Tested): Said {
  const { points, supported, margin, cmax_uM, highestCmax_uM, thresholds, highest_uM } = tested;
  const { multiple, k } = multipleOf(highest_uM, cmax_uM);
  const lowest = lowestMedian(points);
  const byCurve = reachedLoss(tested, thresholds.fitLosesLessThan_percent);
  const loss = byCurve ?? (lowest.viability < thresholds.everyDoseAtLeast ? fall(lowest) : undefined);
  // What lies below the highest dose of the interval of an IC50 that is not reached.
  const low = margin.lowWithCmax ?? (hasInterval(supported) ? 0 : multiple);
  const possible = below(low, multiple) ? labelsBetween(low, multiple, thresholds) : [];
  if (loss === undefined) return noLoss(tested, k, multiple, possible);
  // A plateau has no margin of safety; a curve that goes on falling has one, above what was tested.
  if (byCurve === undefined || supported.model === 'constant' || lowest.viability < 0.5)
    return { label: 'unknown', reason: `${loss}, but ${notSupported(supported)}`, possible };
  const ofHighest = multipleOf(highest_uM, highestCmax_uM);
  const reason = `${loss}, and half is not lost up to the highest tested concentration (${significant(highest_uM)} µM): its margin of safety is only known to be above ${k}`;
  const [label = 'unknown', ...others] = labelsOfLoss(tested, multiple);
  const isEnough = label === 'unknown' || above(ofHighest.multiple, thresholds.signalUpTo);
  return {
    label,
    reason: isEnough
      ? reason
      : `${reason}, ${ofHighest.k} with the highest published Cmax (${significant(highestCmax_uM)} µM)`,
    possible: [...possible, ...others],
  };
}

/** Of a loss without an IC50 up to this multiple of Cmax: the label, and those that stay open with the highest published Cmax. */
function labelsOfLoss({ highest_uM, highestCmax_uM, thresholds }: Tested, multiple: number): string[] {
  const ofHighest = multipleOf(highest_uM, highestCmax_uM).multiple;
  const open = labelsBetween(ofHighest, Number.POSITIVE_INFINITY, thresholds);
  if (!above(multiple, thresholds.signalUpTo)) return ['unknown', ...open];
  return above(ofHighest, thresholds.signalUpTo) ? ['weak signal'] : ['weak signal', ...open, 'unknown'];
}

function noLoss(tested: Tested, k: string, multiple: number, possible: string[]): Said {
  const { supported, highestCmax_uM, thresholds, highest_uM } = tested;
  if (!isFitted(supported)) return { label: 'unknown', reason: tooFew(supported), possible };
  if (below(multiple, thresholds.testedAtLeast)) return { label: 'unknown', reason: tooLow(k, thresholds), possible };
  const small = reachedLoss(tested, 0);
  const ofHighest = multipleOf(highest_uM, highestCmax_uM);
  const isEnough = !below(ofHighest.multiple, thresholds.testedAtLeast);
  const hidden = lossNotExcluded(tested);
  const reasons = [
    ...(small === undefined ? [] : [`${small}, which is within the scatter of controls`]),
    ...(hidden === undefined ? [] : [hidden]),
    ...(isEnough
      ? []
      : [`tested only up to ${ofHighest.k} × the highest published Cmax (${significant(highestCmax_uM)} µM)`]),
  ];
  return {
    label: `no loss seen up to ${k} × Cmax`,
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
    possible: [
      ...possible,
      ...(hidden === undefined ? [] : labelsOfLoss(tested, multiple)),
      ...(isEnough ? [] : ['unknown']),
    ],
  };
}

/** Why a loss that would be named may have been there, though the curve shows none: by the interval, or by what the model may misread of a level that no dose changes. */
function lossNotExcluded({ supported, sharedHalfWidth95, highest_uM, thresholds }: Tested): string | undefined {
  const percent = thresholds.fitLosesLessThan_percent;
  if (!hasInterval(supported)) {
    const { upper } = supported.curve;
    return sharedHalfWidth95 > 0 && below(upper - sharedHalfWidth95, 1 - percent / 100)
      ? `a loss of ${percent} % is not excluded: the model may read a level of ${upper.toFixed(2)} by ${sharedHalfWidth95.toFixed(2)} too high, in all wells alike`
      : undefined;
  }
  const loss = supported.losses.find(({ level }) => level >= percent);
  if (!loss || above(loss.low_uM ?? 0, highest_uM)) return undefined;
  return `a loss of ${loss.level} % is not excluded ${loss.low_uM === null ? 'at any tested concentration' : `from ${significant(loss.low_uM)} µM on`}`;
}

/** The largest of the reported losses, from a percentage on, that the curve reaches within the tested doses. */
function reachedLoss({ supported }: Tested, from_percent: number): string | undefined {
  const { model, curve, losses } = supported;
  const reached = losses.findLast(
    (loss) =>
      loss.level >= from_percent && (model === 'constant' ? curve.upper <= 1 - loss.level / 100 : isReached(loss)),
  );
  if (!reached) return undefined;
  const { level, concentration_uM } = reached;
  const where = concentration_uM === null ? 'at every tested concentration' : `at ${significant(concentration_uM)} µM`;
  return `the curve loses ${level} % ${where}`;
}
