/**
 * The default verdict: on the curve that the wells support, with its interval. A label is given where every margin that is
 * left open has it; an IC50 that was not reached is a limit, never a number.
 */
import { type DosePoint, testedRange } from '../dose-response.ts';
import type { Exposure, Margin } from '../margin-of-safety.ts';
import { significant } from '../statistics.ts';
import type { VerdictThresholds } from '../thresholds.ts';
import type { Verdict } from '../verdict.ts';
import { above, below, fall, labelOf, labelsBetween, lowestMedian, multipleOf, tooLow } from '../verdict-words.ts';
import type { SupportedCurve } from './curve.ts';

export interface SupportedVerdictInput {
  /** Medians of the doses, relative to vehicle. */
  points: readonly DosePoint[];
  supported: SupportedCurve | null;
  /** Null without a Cmax or a curve. */
  margin: Margin | null;
  exposure: Exposure;
  provisional: boolean;
  /** Why nothing can be said, known before. */
  missing?: string | undefined;
  thresholds: VerdictThresholds;
}

export function supportedVerdict(input: SupportedVerdictInput): Verdict {
  const { points, supported, margin, exposure, provisional, missing, thresholds } = input;
  const range = testedRange(points);
  const method = 'supported';
  if (missing !== undefined || !supported || !margin || exposure.cmax_uM === undefined || !range) {
    const reason = missing ?? 'too few wells with an accepted image for a curve and its noise';
    return { label: 'unknown', reason, provisional, method };
  }
  const tested: Tested = { points, supported, margin, cmax_uM: exposure.cmax_uM, thresholds, ...range };
  const lowestCmax_uM = Math.min(exposure.cmax_uM, exposure.cmaxRange_uM?.[0] ?? exposure.cmax_uM);
  const { label, reason, possible } =
    margin.relation === '='
      ? within(tested)
      : margin.relation === '<'
        ? allDosesKill(tested, lowestCmax_uM)
        : notReached(tested);
  const couldAlsoBe = possible.filter((other) => other !== label);
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
  margin: Margin;
  cmax_uM: number;
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

function within({ margin, thresholds }: Tested): Said {
  const { mos, high, lowWithCmax, highWithCmax } = margin;
  const possible = labelsBetween(lowWithCmax ?? 0, highWithCmax ?? Number.POSITIVE_INFINITY, thresholds);
  const reason = 'the interval of its IC50 is open above: the wells do not show where half is lost';
  return { label: labelOf(mos, thresholds), possible, ...(high === null ? { reason } : {}) };
}

/** The label of the smallest margins is kept, being the cautious reading. */
function allDosesKill({ margin, thresholds, lowest_uM }: Tested, lowestCmax_uM: number): Said {
  const possible = labelsBetween(0, Math.max(lowest_uM / lowestCmax_uM, margin.highWithCmax ?? 0), thresholds);
  const reason = `its IC50 is < the lowest tested concentration (${significant(lowest_uM)} µM): its margin of safety is only known to be below ${significant(margin.mos)}`;
  return { label: labelOf(0, thresholds), reason, possible };
}

function notReached(tested: Tested): Said {
  const { points, supported, margin, cmax_uM, thresholds, highest_uM } = tested;
  const { multiple, k } = multipleOf(highest_uM, cmax_uM);
  const lowest = lowestMedian(points);
  const byCurve = reachedLoss(tested, thresholds.fitLosesLessThan_percent);
  const loss = byCurve ?? (lowest.viability < thresholds.everyDoseAtLeast ? fall(lowest) : undefined);
  // What lies below the highest dose of the interval of an IC50 that is not reached.
  const possible =
    margin.lowWithCmax === null || !below(margin.lowWithCmax, multiple)
      ? []
      : labelsBetween(margin.lowWithCmax, multiple, thresholds);
  if (loss === undefined) return noLoss(tested, k, multiple, possible);
  // A bell or a plateau has no margin of safety; a curve that goes on falling has one, above what was tested.
  if (byCurve === undefined || supported.model === 'constant' || lowest.viability < 0.5) {
    const isFitted = Object.keys(supported.aicc).some((model) => model !== 'constant');
    const why = isFitted
      ? 'the wells support no dose-response with an IC50'
      : `${supported.wells} wells, controls included, are too few to support a dose-response`;
    return { label: 'unknown', reason: `${loss}, but ${why}`, possible };
  }
  const open = labelsBetween(multiple, Number.POSITIVE_INFINITY, thresholds);
  const reason = `${loss}, and half is not lost up to the highest tested concentration (${significant(highest_uM)} µM): its margin of safety is only known to be above ${k}`;
  return above(multiple, thresholds.signalUpTo)
    ? { label: 'weak signal', reason, possible }
    : { label: 'unknown', reason, possible: [...new Set([...possible, ...open])] };
}

function noLoss(tested: Tested, k: string, multiple: number, possible: string[]): Said {
  const { thresholds } = tested;
  if (below(multiple, thresholds.testedAtLeast)) return { label: 'unknown', reason: tooLow(k, thresholds), possible };
  const small = reachedLoss(tested, 0);
  return {
    label: `no loss seen up to ${k} × Cmax`,
    ...(small === undefined ? {} : { reason: `${small}, which is within the scatter of controls` }),
    possible,
  };
}

/** The largest of the reported losses, from a percentage on, that the curve reaches within the tested doses. */
function reachedLoss({ supported }: Tested, from_percent: number): string | undefined {
  const reached = supported.losses.findLast(
    ({ level, beyond }) => level >= from_percent && beyond !== 'above highest tested',
  );
  if (!reached) return undefined;
  const { level, concentration_uM } = reached;
  const where = concentration_uM === null ? 'at every tested concentration' : `at ${significant(concentration_uM)} µM`;
  return `the curve loses ${level} % ${where}`;
}
