/** Every numeric range of the mechanisms, training beside unseen: what the model card lists and a test holds disjoint. */
import { type Mechanism, TRAINING_MECHANISMS, UNSEEN_MECHANISM } from './mechanisms.ts';

export type Interval = readonly [low: number, high: number];

export interface ParameterRanges {
  /** Distinct training intervals, lowest first. */
  training: Interval[];
  unseen: Interval;
}

/** By `microscope.parameter` or `cellModel.parameter`; single numbers count as an interval of no width. */
export function parameterRanges(): Record<string, ParameterRanges> {
  const unseen = intervalsOf(UNSEEN_MECHANISM);
  const training = TRAINING_MECHANISMS.map(intervalsOf);
  return Object.fromEntries(
    [...unseen].map(([name, interval]) => {
      const all = training.map((intervals) => intervals.get(name)).filter((value) => value !== undefined);
      const distinct = new Map(all.map((value) => [value.join(), value]));
      return [name, { training: [...distinct.values()].sort((a, b) => a[0] - b[0]), unseen: interval }];
    }),
  );
}

function intervalsOf({ microscope, cellModel }: Mechanism): Map<string, Interval> {
  const intervals = new Map<string, Interval>();
  for (const [group, profile] of Object.entries({ microscope, cellModel })) {
    for (const [name, value] of Object.entries(profile)) {
      if (typeof value === 'number') intervals.set(`${group}.${name}`, [value, value]);
      else if (Array.isArray(value)) intervals.set(`${group}.${name}`, [Number(value[0]), Number(value[1])]);
    }
  }
  return intervals;
}
