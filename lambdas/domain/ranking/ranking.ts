/** The order of compounds by risk, and how well it separates labelled ones beside exposure alone. */
import type { Assessment } from '../scoring/assess.ts';
import { compareText } from '../statistics.ts';
import { rankable, rankedMargin } from '../verdict/margin-of-safety.ts';
import { type AucEstimate, aucDifference, aucInterval, rocAuc } from './roc-auc.ts';

type Assessed = Pick<Assessment, 'verdict' | 'mos' | 'margin'>;

interface Labelled extends Assessed {
  cmax_uM?: number;
  dili: { label: 0 | 1 | null };
}

/** Lowest margin of safety first; compounds without one last, by name. */
export const byRisk = (a: Assessed & { compound: string }, b: Assessed & { compound: string }): number =>
  position(a) - position(b) || compareText(a.compound, b.compound);

/** The margin of the method that the verdict rests on. */
export const riskOf = ({ verdict, mos, margin }: Assessed): number | 'inf' | null =>
  verdict.method === 'nvir' ? mos : rankedMargin(margin);

function position(score: Assessed): number {
  const risk = riskOf(score);
  return risk === null ? Number.MAX_VALUE : rankable(risk);
}

export interface DayAuc {
  /** Labelled compounds with a margin of safety. */
  n: number;
  nPositive: number;
  /** Of the paper's fit; null when a class is empty. */
  mos: number | null;
  /** The baseline that any method must beat: 1/Cmax alone. */
  exposureOnly: number | null;
  /** Of the supported curve; null when a class is empty, or where the margin of one of them is not known by it. */
  supported: number | null;
  /** 95 % intervals of the areas, and of the ranking's less the baseline's; null where there is none. */
  intervals: Record<'mos' | 'exposureOnly' | 'supported' | 'difference', AucEstimate | null>;
  note: string;
}

export function aucOf(compounds: readonly Labelled[]): DayAuc {
  const labelled = compounds.flatMap((score) => {
    const { mos, margin, cmax_uM, dili } = score;
    const risk = riskOf(score);
    if (risk === null || cmax_uM === undefined || dili.label === null) return [];
    const supported = rankedMargin(margin);
    return [{ risk, mos, supported, cmax_uM, label: dili.label }];
  });
  const nPositive = labelled.filter(({ label }) => label === 1).length;
  const area = (risk: (item: (typeof labelled)[number]) => number | 'inf' | null): AucEstimate | null => {
    const scored = labelled.map((item) => ({ risk: risk(item), label: item.label }));
    const scores = scored.flatMap(({ risk: mos, label }) => (mos === null ? [] : [{ score: -rankable(mos), label }]));
    const value = scores.length === labelled.length ? rocAuc(scores) : null;
    return value === null ? null : aucInterval(value, nPositive, labelled.length - nPositive);
  };
  const intervals = {
    mos: area(({ mos }) => mos),
    exposureOnly: area(({ cmax_uM }) => 1 / cmax_uM),
    supported: area(({ supported }) => supported),
    difference: aucDifference(labelled.map(({ risk, cmax_uM, label }) => ({ a: -rankable(risk), b: cmax_uM, label }))),
  };
  return {
    n: labelled.length,
    nPositive,
    mos: intervals.mos?.value ?? null,
    exposureOnly: intervals.exposureOnly?.value ?? null,
    supported: intervals.supported?.value ?? null,
    intervals,
    note: aucNote(labelled, intervals.difference) + leftOutNote(compounds, labelled.length),
  };
}

function aucNote(labelled: readonly { risk: number | 'inf'; label: 0 | 1 }[], difference: AucEstimate | null): string {
  const n = labelled.length;
  const nPositive = labelled.filter(({ label }) => label === 1).length;
  if (difference === null)
    return `An AUC needs labelled compounds of both classes; there are ${nPositive} with and ${n - nPositive} without DILI concern.`;
  const { value, low, high } = difference;
  const infinite = labelled.filter(({ risk }) => risk === 'inf').length;
  const coded = infinite === 0 ? '' : `; ${infinite} margins were not reached and count as no effect`;
  const counted = `${n} labelled compounds (${nPositive} with DILI concern${coded})`;
  const found = `the margin of safety less exposure alone is ${signed(value)} (95 % interval ${signed(low)} to ${signed(high)})`;
  if (low <= 0 && high >= 0) return `${counted} cannot show a difference from exposure alone: ${found}.`;
  return `${counted}: ${found}; ${value > 0 ? 'the margin' : 'exposure alone'} separates them better.`;
}

/** What is not known is neither a risk nor "no effect". */
function leftOutNote(compounds: readonly Labelled[], counted: number): string {
  const leftOut = compounds.filter(({ dili }) => dili.label !== null).length - counted;
  if (leftOut === 0) return '';
  return ` ${leftOut} labelled compound${leftOut === 1 ? '' : 's'} without a known margin ${leftOut === 1 ? 'is' : 'are'} left out.`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
