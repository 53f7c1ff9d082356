/** What a compound's margin of safety is called on one day. Never that a drug is harmless: what was not seen is said as such. */
import { type DosePoint, testedRange } from './dose-response.ts';
import { type Concentration, type IcxTable, icxKey, LOSS_LEVELS } from './icx.ts';
import { marginOfSafety } from './margin-of-safety.ts';
import { VERDICT_THRESHOLDS as T } from './thresholds.ts';

export interface Verdict {
  /** `strong signal`, `signal`, `weak signal`, `no loss seen up to k × Cmax`, `unknown`. */
  label: string;
  /** Why it is unknown, or what the label rests on. */
  reason?: string;
  /** True until the plate reads of the day are complete. */
  provisional: boolean;
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
}

export function verdictOf({ points, icx_uM, cmax_uM, provisional, missing }: VerdictInput): Verdict {
  const range = testedRange(points);
  if (icx_uM === null || cmax_uM === undefined || range === undefined)
    return { label: 'unknown', reason: missing ?? 'there is no margin of safety', provisional };
  const tested: Tested = { points, icx_uM, cmax_uM, ...range };
  return { ...(icx_uM.ic50_uM === 'inf' ? withoutIc50(tested) : withIc50(icx_uM.ic50_uM, tested)), provisional };
}

interface Tested {
  points: readonly DosePoint[];
  icx_uM: IcxTable;
  cmax_uM: number;
  lowest_uM: number;
  highest_uM: number;
}

type Said = Omit<Verdict, 'provisional'>;

function withIc50(ic50_uM: number, tested: Tested): Said {
  const mos = ic50_uM / tested.cmax_uM;
  const label = below(mos, T.strongBelow) ? 'strong signal' : above(mos, T.signalUpTo) ? 'weak signal' : 'signal';
  const reason = extrapolation(ic50_uM, tested);
  return reason === undefined ? { label } : { label, reason };
}

/** The label keeps what the fit says, which is the more cautious reading; the reason says how much of it was measured. */
function extrapolation(ic50_uM: number, { points, cmax_uM, lowest_uM, highest_uM }: Tested): string | undefined {
  if (ic50_uM < lowest_uM) {
    const limit = marginOfSafety(lowest_uM, cmax_uM);
    return `its IC50 is < the lowest tested concentration (${figure(lowest_uM)} µM): its margin of safety is only known to be below ${figure(limit)}`;
  }
  if (ic50_uM <= highest_uM) return undefined;
  const lowest = lowestMedian(points);
  const measured = lowest.viability < 0.5 ? `, although ${fall(lowest)}` : '';
  return `its IC50 is extrapolated beyond the highest tested concentration (${figure(highest_uM)} µM)${measured}`;
}

function withoutIc50(tested: Tested): Said {
  const loss = clearLoss(tested);
  if (loss !== undefined) return { label: 'unknown', reason: `${loss}, but no IC50 follows from the fit` };
  const multiple = (tested.highest_uM / tested.cmax_uM) * (1 + SAME);
  const k = multiple >= 10 ? Math.floor(multiple).toString() : multiple.toPrecision(2);
  if (below(multiple, T.testedAtLeast)) {
    return {
      label: 'unknown',
      reason: `no loss seen, but tested only up to ${k} × Cmax; at least ${T.testedAtLeast} × is needed to say so`,
    };
  }
  const label = `no loss seen up to ${k} × Cmax`;
  const small = fittedLoss(tested, 0);
  return small === undefined ? { label } : { label, reason: `${small}, which is within the scatter of controls` };
}

function clearLoss(tested: Tested): string | undefined {
  const lowest = lowestMedian(tested.points);
  return lowest.viability < T.everyDoseAtLeast ? fall(lowest) : fittedLoss(tested, T.fitLosesLessThan_percent);
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
      : `at ${figure(concentration)} µM`;
  return `the fit loses ${level} % ${where}`;
}

const lowestMedian = (points: readonly DosePoint[]): DosePoint =>
  points
    .filter(({ concentration_uM }) => concentration_uM > 0)
    .reduce((lowest, point) => (point.viability < lowest.viability ? point : lowest));

const fall = ({ concentration_uM, viability }: DosePoint): string =>
  `viability falls to ${Math.round(100 * viability)} % at ${figure(concentration_uM)} µM`;

/** Quotients that differ by less are the same: 0.175 / 0.007 is 24.999999999999996. */
const SAME = 1e-9;
const below = (value: number, limit: number): boolean => value < limit * (1 - SAME);
const above = (value: number, limit: number): boolean => value > limit * (1 + SAME);

/** Three significant figures. */
const figure = (value: number | 'inf'): string => (value === 'inf' ? '∞' : String(Number(value.toPrecision(3))));
