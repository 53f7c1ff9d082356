/** A verdict as a sentence that can stand alone: what, when, on whose cells, how sure, and what it does not cover. */
import type { BorrowedLevel } from '../curves/data.ts';
import type { IntervalParts } from '../curves/intervals.ts';
import type { Assessment } from '../scoring/assess.ts';
import { significant } from '../statistics.ts';
import { lossAt, type SupportedCurve } from '../supported/curve.ts';

/** True of every verdict of this product, whatever its label. */
export const NOT_COVERED =
  'No verdict covers immune, cholestatic or metabolite-driven injury, other donors or cell models, longer exposure or other doses; an image shows no loss that leaves no trace in it, and precipitate or colour may look like death. An interval carries the scatter of wells and controls, and what a model misreads in all wells alike only where it says so.';

interface Judged extends Pick<Assessment, 'verdict' | 'margin' | 'mos'> {
  supported: SupportedCurve | null;
  day: number;
  donor?: string;
  /** Plate reads that are normalised to vehicle wells of others. */
  borrowing?: readonly string[];
  /** How well the level is known that they take. */
  borrowed?: BorrowedLevel | undefined;
  /** That read its wells. */
  models?: number;
}

export function statementOf({
  day,
  donor,
  verdict,
  margin,
  mos,
  supported,
  borrowing = [],
  borrowed: level,
  models = 0,
}: Judged): string {
  const { label, reason, couldAlsoBe, provisional } = verdict;
  const where = `Day ${day}, ${donor === undefined ? 'donor not given' : `donor ${donor}`}`;
  const size = verdict.method === 'nvir' ? paperMargin(mos) : margin && supportedMargin(margin);
  const excluding =
    margin && (margin.low !== null || margin.high !== null) ? 'The interval does not exclude' : 'Not excluded';
  const open = couldAlsoBe ? ` ${excluding}: ${couldAlsoBe.join(', ')}.` : '';
  const early = provisional ? ' Provisional: plate reads of the day are not complete.' : '';
  const ofModel = verdict.method === 'supported' && margin ? modelsPart(supported) : '';
  const mixed = models > 1 ? ` Its wells were read by ${models} models, whose viabilities do not compare.` : '';
  const borrowed = borrowing.length === 0 ? '' : ` ${borrowedLevel(borrowing, level)}`;
  return `${where}: ${label}${reason === undefined ? '' : ` (${reason})`}.${size ? ` ${size}` : ''}${ofModel}${open}${borrowed}${mixed}${early} ${NOT_COVERED}`;
}

/** What the model's own error alone would leave of the IC50. */
function modelsPart(supported: SupportedCurve | null): string {
  const model = lossAt(supported, 50)?.parts?.model;
  return model ? ` ${modelsOwnError(model)}.` : '';
}

/** `Of the interval, the model’s own error, ± 0.12 of viability in all wells alike, alone leaves 0.9 to 2.7 µM`. */
export const modelsOwnError = ({ low_uM, high_uM, halfWidth95 }: IntervalParts['model']): string =>
  `Of the IC50’s interval, the model’s own error (± ${halfWidth95.toFixed(2)} of viability there, in all wells alike) alone leaves ${ends(low_uM, high_uM)} µM`;

function borrowedLevel(plates: readonly string[], level: BorrowedLevel | undefined): string {
  const said = `Plate ${plates.join(', ')} has no vehicle well of its own: its level is borrowed`;
  if (!level) return `${said}.`;
  const from = level.assumed
    ? `from ${level.plates === 1 ? 'one plate' : `${level.plates} plates`}, too few to show how plates differ, which is assumed`
    : `from ${level.plates} plates, by whose own spread it is judged`;
  return `${said} ${from}; the interval takes it for known to ± ${Math.round(196 * level.sd)} % (95 %).`;
}

const paperMargin = (mos: Assessment['mos']): string | undefined =>
  mos === null
    ? undefined
    : `Margin of safety ${mos === 'inf' ? 'infinite' : significant(mos)}, by the paper’s fit, which has no interval.`;

function supportedMargin(margin: NonNullable<Assessment['margin']>): string {
  const { mos, relation, low, high, lowWithCmax, highWithCmax, free } = margin;
  const sign = relation === '=' ? '' : `${relation} `;
  const withRange =
    low === lowWithCmax && high === highWithCmax
      ? ''
      : `; ${ends(lowWithCmax, highWithCmax)} with the published range of Cmax`;
  const interval =
    low === null && high === null ? ' (no interval)' : ` (95 % interval ${ends(low, high)} by the curve${withRange})`;
  const onFree = free ? `, ${sign}${significant(free.mos)} on free Cmax (${ends(free.low, free.high)})` : '';
  return `Margin of safety ${sign}${significant(mos)}${interval}${onFree}.`;
}

/** `5.1 to 13`; an open end is said as such. */
export function ends(low: number | null, high: number | null): string {
  if (low === null && high === null) return 'open';
  if (low === null) return `up to ${significant(high ?? 0)}, open below`;
  return high === null ? `from ${significant(low)}, open above` : `${significant(low)} to ${significant(high)}`;
}
