/** The order of compounds by risk, and how well it separates labelled ones beside exposure alone. */
import { rankable } from './margin-of-safety.ts';
import { rocAuc } from './roc-auc.ts';
import type { CompoundScore, DayAuc } from './scores.ts';
import { compareText } from './statistics.ts';

/** Lowest margin of safety first; compounds without one last, by name. */
export const byRisk = (a: CompoundScore, b: CompoundScore): number =>
  position(a) - position(b) || compareText(a.compound, b.compound);

const position = ({ mos }: CompoundScore): number => (mos === null ? Number.MAX_VALUE : rankable(mos));

/** Below this difference nothing can be shown at the size of public sets (n = 44 to 74; see docs/science.md). */
const SHOWABLE_DIFFERENCE = 0.17;

export function aucOf(compounds: readonly CompoundScore[]): DayAuc {
  const items = compounds.flatMap(({ mos, cmax_uM, dili }) =>
    mos === null || cmax_uM === undefined || dili.label === null
      ? []
      : [{ mos: rankable(mos), cmax_uM, label: dili.label }],
  );
  const nPositive = items.filter((item) => item.label === 1).length;
  return {
    n: items.length,
    nPositive,
    mos: rocAuc(items.map(({ mos, label }) => ({ score: -mos, label }))),
    exposureOnly: rocAuc(items.map(({ cmax_uM, label }) => ({ score: cmax_uM, label }))),
    note: aucNote(items.length, nPositive),
  };
}

function aucNote(n: number, nPositive: number): string {
  if (nPositive === 0 || nPositive === n)
    return `An AUC needs labelled compounds of both classes; there are ${nPositive} with and ${n - nPositive} without DILI concern.`;
  return `${n} labelled compounds (${nPositive} with DILI concern): a difference from exposure alone below about ${SHOWABLE_DIFFERENCE} cannot be shown even with 74.`;
}
