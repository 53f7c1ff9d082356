/**
 * Area under the receiver operating characteristic, as the share of pairs in the right order (ties count half), with
 * intervals that also hold for a few compounds and for a perfect order.
 */

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
    for (const n of negatives) ordered += inOrder(p.score, n.score);
  }
  return ordered / (positives.length * negatives.length);
}

const inOrder = (positive: number, negative: number): number =>
  positive > negative ? 1 : positive === negative ? 0.5 : 0;

export interface AucEstimate {
  value: number;
  /** 95 % interval. */
  low: number;
  high: number;
}

const Z = 1.959963984540054;

/**
 * Newcombe's method 5 (2006, 10.1002/sim.2324): the areas from which the one that was found is less than 1.96 standard errors
 * away, with Hanley and McNeil's variance at that area. Unlike DeLong's interval it does not shrink to a point at 1.
 */
export function aucInterval(value: number, positives: number, negatives: number): AucEstimate {
  const spread = (area: number): number => {
    const both = (positives + negatives) / 2 - 1;
    const terms = 1 + (both * (1 - area)) / (2 - area) + (both * area) / (1 + area);
    return Z * Math.sqrt((area * (1 - area) * terms) / (positives * negatives));
  };
  const edge = (side: 0 | 1): number => {
    let [outside, inside] = [side as number, value];
    for (let i = 0; i < 50; i += 1) {
      const area = (outside + inside) / 2;
      if (Math.abs(area - value) <= spread(area)) inside = area;
      else outside = area;
    }
    return inside;
  };
  return { value, low: edge(0), high: edge(1) };
}

export interface PairedScore {
  a: number;
  b: number;
  label: 0 | 1;
}

/**
 * How much better one score separates the classes than another of the same compounds. The interval joins those of the two
 * areas (MOVER, Zou and Donner 2008, 10.1002/sim.3095) with the correlation that DeLong's method (1988, 10.2307/2531595)
 * finds between them.
 *
 * @returns null when a class is empty.
 */
export function aucDifference(items: readonly PairedScore[]): AucEstimate | null {
  const positives = items.filter(({ label }) => label === 1);
  const negatives = items.filter(({ label }) => label === 0);
  const [m, n] = [positives.length, negatives.length];
  if (m === 0 || n === 0) return null;
  const placements = (name: 'a' | 'b') => ({
    ofPositives: positives.map((p) => average(negatives.map((q) => inOrder(p[name], q[name])))),
    ofNegatives: negatives.map((q) => average(positives.map((p) => inOrder(p[name], q[name])))),
  });
  const [a, b] = [placements('a'), placements('b')];
  const covariance = (p: typeof a, q: typeof b): number =>
    covarianceOf(p.ofPositives, q.ofPositives) / m + covarianceOf(p.ofNegatives, q.ofNegatives) / n;
  const scale = Math.sqrt(covariance(a, a) * covariance(b, b));
  // Where one order is perfect nothing is known of a correlation: none makes the interval widest.
  const r = scale > 1e-12 ? covariance(a, b) / scale : 0;
  const first = aucInterval(average(a.ofPositives), m, n);
  const second = aucInterval(average(b.ofPositives), m, n);
  const value = first.value - second.value;
  const reach = (x: number, y: number): number => Math.sqrt(Math.max(0, x * x + y * y - 2 * r * x * y));
  return {
    value,
    low: value - reach(first.value - first.low, second.high - second.value),
    high: value + reach(first.high - first.value, second.value - second.low),
  };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample covariance; 0 for a single pair, of which nothing is known. */
function covarianceOf(x: readonly number[], y: readonly number[]): number {
  if (x.length < 2) return 0;
  const [mx, my] = [average(x), average(y)];
  return x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] ?? 0) - my), 0) / (x.length - 1);
}
