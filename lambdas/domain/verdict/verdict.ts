/**
 * What a compound's margin of safety is called on one day. Never that a drug is harmless: what was not seen is said as such.
 * Here by the paper's fit (method `nvir`); the default is `supported/verdict.ts`.
 */
import { type DosePoint, testedRange } from '../dose-response/dose-response.ts';
import { type Concentration, type IcxTable, icxKey, LOSS_LEVELS } from '../dose-response/icx.ts';
import type { ScoringMethod } from '../notes/study.ts';
import { significant } from '../statistics.ts';
import { VERDICT_THRESHOLDS, type VerdictThresholds } from './thresholds.ts';
import { below, fall, labelOf, lowestMedian, multipleOf, tooLow } from './verdict-words.ts';

export interface Verdict {
  /** `strong signal`, `signal`, `weak signal`, `no loss seen up to k × Cmax`, `unknown`. */
  label: string;
  /** Why it is unknown, or what the label rests on. */
  reason?: string;
  /** True until the plate reads of the day are complete. */
  provisional: boolean;
  /** What it rests on: the curve that the wells support, or the paper's fit. */
  method: ScoringMethod;
  /** Labels that the interval, with the published range of Cmax, does not exclude. Absent when it excludes all others. */
  couldAlsoBe?: string[];
}

export interface VerdictInput {
  /** Medians of the doses, relative to vehicle. */
  points: readonly DosePoint[];
  /** After censoring; null without a fit. */
  icx_uM: IcxTable | null;
  cmax_uM: number | undefined;
  provisional: boolean;
  /** Why there is no margin of safety. */
  missing?: string | undefined;
  thresholds?: VerdictThresholds;
}

export function verdictOf(input: VerdictInput): Verdict {
  const { points, icx_uM, cmax_uM, provisional, missing, thresholds = VERDICT_THRESHOLDS } = input;
  const range = testedRange(points);
  const method = 'nvir';
  if (icx_uM === null || cmax_uM === undefined || range === undefined)
    return { label: 'unknown', reason: missing ?? 'there is no margin of safety', provisional, method };
  const tested: Tested = { points, icx_uM, cmax_uM, thresholds, ...range };
  const said = icx_uM.ic50_uM === 'inf' ? withoutIc50(tested) : withIc50(icx_uM.ic50_uM, tested);
  return { ...said, provisional, method };
}

interface Tested {
  points: readonly DosePoint[];
  icx_uM: IcxTable;
  cmax_uM: number;
  thresholds: VerdictThresholds;
  lowest_uM: number;
  highest_uM: number;
}

type Said = Pick<Verdict, 'label' | 'reason'>;

function withIc50(ic50_uM: number, tested: Tested): Said {
  const label = labelOf(ic50_uM / tested.cmax_uM, tested.thresholds);
  const reason = extrapolation(ic50_uM, tested);
  return reason === undefined ? { label } : { label, reason };
}

/** The label keeps what the fit says, which is the more cautious reading; the reason says how much of it was measured. */
function extrapolation(ic50_uM: number, { points, cmax_uM, lowest_uM, highest_uM }: Tested): string | undefined {
  if (ic50_uM < lowest_uM) {
    const limit = lowest_uM / cmax_uM;
    return `its IC50 is < the lowest tested concentration (${significant(lowest_uM)} µM): its margin of safety is only known to be below ${significant(limit)}`;
  }
  if (ic50_uM <= highest_uM) return undefined;
  const lowest = lowestMedian(points);
  const measured = lowest.viability < 0.5 ? `, although ${fall(lowest)}` : '';
  return `its IC50 is extrapolated beyond the highest tested concentration (${significant(highest_uM)} µM)${measured}`;
}

function withoutIc50(tested: Tested): Said {
  const loss = clearLoss(tested);
  if (loss !== undefined) return { label: 'unknown', reason: `${loss}, but no IC50 follows from the fit` };
  const { multiple, k } = multipleOf(tested.highest_uM, tested.cmax_uM);
  if (below(multiple, tested.thresholds.testedAtLeast))
    return { label: 'unknown', reason: tooLow(k, tested.thresholds) };
  const label = `no loss seen up to ${k} × Cmax`;
  const small = fittedLoss(tested, 0);
  return small === undefined ? { label } : { label, reason: `${small}, which is within the scatter of controls` };
}

function clearLoss(tested: Tested): string | undefined {
  const lowest = lowestMedian(tested.points);
  const { everyDoseAtLeast, fitLosesLessThan_percent } = tested.thresholds;
  return lowest.viability < everyDoseAtLeast ? fall(lowest) : fittedLoss(tested, fitLosesLessThan_percent);
}

/** The largest of the reported losses, from a percentage on, that the fit reaches within the tested doses. */
function fittedLoss({ icx_uM, lowest_uM, highest_uM }: Tested, from_percent: number): string | undefined {
  const reached = (concentration: Concentration): concentration is number =>
    concentration !== 'inf' && concentration <= highest_uM;
  const level = LOSS_LEVELS.findLast((percent) => percent >= from_percent && reached(icx_uM[icxKey(percent)]));
  if (level === undefined) return undefined;
  const concentration = icx_uM[icxKey(level)];
  const where =
    concentration === 'inf' || concentration < lowest_uM
      ? 'at every tested concentration'
      : `at ${significant(concentration)} µM`;
  return `the fit loses ${level} % ${where}`;
}
