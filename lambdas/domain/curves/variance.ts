/**
 * How the noise of a well depends on its viability: variance ∝ level² + floor², from proportional to the level (cells differ by
 * a share) to constant (reading error). Replicates tell which, so the floor is not assumed but weighed by their likelihood.
 */

export interface Scatter {
  /** Expected viability of the cell's wells. */
  level: number;
  wells: number;
  /** Sum of squared deviations of the wells from their mean. */
  scatter: number;
}

/** Equally likely before the replicates are seen, also where there are none. In dead wells, of one in living wells; from nothing to all of it. */
const FLOORS = [0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10];

/**
 * @returns the variance at a level, relative to the level 1: the geometric mean over the floors, each by what the replicates say of it. The arithmetic one is drawn to
 * the largest: dead wells would be taken for noisier than they are, and what they leave of it would make living ones look less noisy.
 */
export function relativeVariance(cells: readonly Scatter[]): (level: number) => number {
  const replicated = cells.filter(({ wells }) => wells > 1);
  const freedom = replicated.reduce((sum, { wells }) => sum + wells - 1, 0);
  const logLikelihoods = FLOORS.map((floor) => {
    const scaled = replicated.reduce((sum, { level, scatter }) => sum + scatter / varianceOf(level, floor), 0);
    const logs = replicated.reduce(
      (sum, { level, wells }) => sum + (wells - 1) * Math.log(varianceOf(level, floor)),
      0,
    );
    return freedom === 0 ? 0 : -(logs + freedom * Math.log(Math.max(scaled, 1e-300))) / 2;
  });
  const best = Math.max(...logLikelihoods);
  const shares = logLikelihoods.map((value) => Math.exp(value - best));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return (level) =>
    Math.exp(shares.reduce((sum, share, i) => sum + share * Math.log(varianceOf(level, FLOORS[i] ?? 1)), 0) / total);
}

const varianceOf = (level: number, floor: number): number => (level * level + floor * floor) / (1 + floor * floor);
