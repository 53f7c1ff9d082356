/** Scores in the cells and lines of a terminal: an estimate never without its interval, a limit never as a number. */

import type { DayAuc } from '../lambdas/domain/ranking/ranking.ts';
import type { AucEstimate } from '../lambdas/domain/ranking/roc-auc.ts';
import type { CompoundScore } from '../lambdas/domain/scoring/scores.ts';
import type { SupportedLoss } from '../lambdas/domain/supported/curve.ts';
import type { Margin } from '../lambdas/domain/verdict/margin-of-safety.ts';
import type { Verdict } from '../lambdas/domain/verdict/verdict.ts';
import { figure } from './console.ts';

/** As scoring and the API's answers have it. */
interface WithCurve {
  supported: {
    losses: readonly (Omit<SupportedLoss, 'level'> & { level: number })[];
  } | null;
}

/** `12.1 (8.4 to 17.3)`, `> 412`; an open end is `?`. */
export function supportedIc50({ supported }: WithCurve): string {
  const half = supported?.losses.find(({ level }) => level === 50);
  return half ? valueWithInterval(half) : '–';
}

/** A loss, as above. */
export function valueWithInterval({
  concentration_uM,
  low_uM,
  high_uM,
  censored,
}: Pick<SupportedLoss, 'concentration_uM' | 'low_uM' | 'high_uM'> & { censored?: string | undefined }): string {
  const value = concentration_uM === null ? (censored ?? '–').replace(/ µM.*$/, '') : figure(concentration_uM);
  return value + interval(low_uM, high_uM);
}

/** The margin with the interval of the curve alone. */
export function supportedMargin({
  margin,
}: {
  margin: Pick<Margin, 'relation' | 'mos' | 'low' | 'high'> | null;
}): string {
  if (!margin) return '–';
  const sign = margin.relation === '=' ? '' : `${margin.relation} `;
  return `${sign}${figure(margin.mos)}${interval(margin.low, margin.high)}`;
}

/** What wells and controls alone leave of the IC50, where its interval holds an error of the model too: `8.4 to 17.3`. */
export function ofWellsAlone({ supported }: WithCurve): string {
  const wells = supported?.losses.find(({ level }) => level === 50)?.parts?.wells;
  if (!wells) return '–';
  return wells.low_uM === null && wells.high_uM === null ? 'open' : bothEnds(wells.low_uM, wells.high_uM);
}

const bothEnds = (low: number | null, high: number | null): string =>
  `${low === null ? '?' : figure(low)} to ${high === null ? '?' : figure(high)}`;

const interval = (low: number | null, high: number | null): string =>
  low === null && high === null ? '' : ` (${bothEnds(low, high)})`;

/** Wells that a result rests on: `12`, `10 (2 left out)`. */
export const wellCount = ({ wells }: { wells?: CompoundScore['wells'] | undefined }): string =>
  wells ? `${wells.counted}${wells.leftOut > 0 ? ` (${wells.leftOut} left out)` : ''}` : '–';

export const verdictWithReason = ({ label, reason }: Pick<Verdict, 'label' | 'reason'>): string =>
  label + (reason ? ` (${reason})` : '');

/** Areas with their intervals and the baseline, then what they show. */
export function aucLines({ intervals, note }: Pick<DayAuc, 'intervals' | 'note'>): string[] {
  const { supported, mos, exposureOnly } = intervals;
  const areas = [
    ...(supported ? [`supported curve ${estimate(supported)}`] : []),
    `paper’s fit ${estimate(mos)}`,
    `exposure only (1/Cmax) ${estimate(exposureOnly)}`,
  ];
  return [`ROC AUC (95 %) of the margin of safety: ${areas.join(', ')}.`, note];
}

const estimate = (area: AucEstimate | null): string =>
  area === null ? '–' : `${area.value.toFixed(3)} (${area.low.toFixed(2)} to ${area.high.toFixed(2)})`;

/** `0.67 (0.45 to 0.83)`. */
export const bounded = (value: AucEstimate | null): string =>
  value === null ? '–' : `${value.value.toFixed(2)} (${value.low.toFixed(2)} to ${value.high.toFixed(2)})`;
