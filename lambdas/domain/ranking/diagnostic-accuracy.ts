/**
 * What a threshold on the margin of safety does on a reference set: sensitivity, specificity and likelihood ratios, each
 * with n and a 95 % interval, from which a user with a prior can go on. No probability of DILI is given: on the public sets it
 * depends on how censored margins are coded.
 */
import type { Margin } from '../verdict/margin-of-safety.ts';

export interface JudgedCompound extends Pick<Margin, 'mos' | 'relation'> {
  /** 1 = DILI concern. */
  label: 0 | 1;
}

export interface Bounded {
  value: number;
  /** 95 % interval. */
  low: number;
  high: number;
}

export interface OperatingPoint {
  /** A compound is flagged when its margin of safety is below this. */
  mosBelow: number;
  /** Compounds that are flagged or not; the others are not counted. */
  n: number;
  /** Compounds whose margin is only a limit that lies on the wrong side of the threshold to say. */
  undetermined: number;
  truePositives: number;
  falseNegatives: number;
  falsePositives: number;
  trueNegatives: number;
  /** null without a compound of that class. */
  sensitivity: Bounded | null;
  specificity: Bounded | null;
  likelihoodRatioPositive: Bounded | null;
  likelihoodRatioNegative: Bounded | null;
}

const Z = 1.959963984540054;

export function operatingPoint(compounds: readonly JudgedCompound[], mosBelow: number): OperatingPoint {
  const judged = compounds.map((compound) => ({ label: compound.label, flagged: isFlagged(compound, mosBelow) }));
  const count = (label: 0 | 1, flagged: boolean): number =>
    judged.filter((one) => one.label === label && one.flagged === flagged).length;
  const [truePositives, falseNegatives] = [count(1, true), count(1, false)];
  const [falsePositives, trueNegatives] = [count(0, true), count(0, false)];
  const n = truePositives + falseNegatives + falsePositives + trueNegatives;
  const table = { truePositives, falseNegatives, falsePositives, trueNegatives };
  return {
    mosBelow,
    n,
    undetermined: compounds.length - n,
    ...table,
    sensitivity: wilson(truePositives, truePositives + falseNegatives),
    specificity: wilson(trueNegatives, trueNegatives + falsePositives),
    ...likelihoodRatios(table),
  };
}

/** A limit decides only on its own side: a margin that is above 30 is not below 25, and may be below 50. */
function isFlagged({ mos, relation }: JudgedCompound, mosBelow: number): boolean | undefined {
  if (relation === '>') return mos >= mosBelow ? false : undefined;
  if (relation === '<') return mos <= mosBelow ? true : undefined;
  return mos < mosBelow;
}

/** Wilson's score interval (1927) of a proportion; null for none of none. */
export function wilson(hits: number, of: number): Bounded | null {
  if (of === 0) return null;
  const value = hits / of;
  const centre = (value + (Z * Z) / (2 * of)) / (1 + (Z * Z) / of);
  const reach = (Z / (1 + (Z * Z) / of)) * Math.sqrt((value * (1 - value)) / of + (Z * Z) / (4 * of * of));
  // Rounding must not push an end past a proportion of 0 or 1.
  return { value, low: hits === 0 ? 0 : centre - reach, high: hits === of ? 1 : centre + reach };
}

type Table = Pick<OperatingPoint, 'truePositives' | 'falseNegatives' | 'falsePositives' | 'trueNegatives'>;

/** On the log scale (Simel 1991, 10.1016/0895-4356(91)90128-V); half a compound is added to each cell where one is empty. */
function likelihoodRatios(table: Table): Pick<OperatingPoint, 'likelihoodRatioPositive' | 'likelihoodRatioNegative'> {
  const cells = [table.truePositives, table.falseNegatives, table.falsePositives, table.trueNegatives];
  const [tp = 0, fn = 0, fp = 0, tn = 0] = cells.some((cell) => cell === 0) ? cells.map((cell) => cell + 0.5) : cells;
  const hasBoth = table.truePositives + table.falseNegatives > 0 && table.falsePositives + table.trueNegatives > 0;
  const ratio = (positive: number, negative: number): Bounded | null => {
    if (!hasBoth) return null;
    const [positives, negatives] = [tp + fn, fp + tn];
    const value = positive / positives / (negative / negatives);
    const error = Math.sqrt(1 / positive - 1 / positives + 1 / negative - 1 / negatives);
    return { value, low: value * Math.exp(-Z * error), high: value * Math.exp(Z * error) };
  };
  return { likelihoodRatioPositive: ratio(tp, fp), likelihoodRatioNegative: ratio(fn, tn) };
}
