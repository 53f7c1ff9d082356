/** A new order of a run's events, by the simulation's seeded chance: a run that failed can be run again. */
import type { Random } from '../../simulation/random.ts';

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const tagged = items.map((item) => ({ item, at: random() }));
  return tagged.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
