/** Area under the receiver operating characteristic, as the share of pairs in the right order; ties count half. */

export interface LabelledScore {
  /** Higher = more likely positive. */
  score: number;
  label: 0 | 1;
}

/** @returns null when a class is empty. */
export function rocAuc(items: readonly LabelledScore[]): number | null {
  const positives = items.filter((item) => item.label === 1);
  const negatives = items.filter((item) => item.label === 0);
  if (positives.length === 0 || negatives.length === 0) return null;
  let ordered = 0;
  for (const p of positives) {
    for (const n of negatives) ordered += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
  }
  return ordered / (positives.length * negatives.length);
}
