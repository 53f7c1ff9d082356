import { describe, expect, it } from 'vitest';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { parameterRanges } from '../../simulation/profiles/ranges.ts';

describe('the unseen microscope', () => {
  it.each(Object.entries(parameterRanges()))('%s lies outside every training range', (_name, { training, unseen }) => {
    expect(training.length).toBeGreaterThan(0);
    for (const [low, high] of training) expect(unseen[1] < low || unseen[0] > high).toBe(true);
  });

  it('shares neither mode, microscope, location, cell model nor donor with training', () => {
    const names = ({ microscope, cellModel }: typeof UNSEEN_MECHANISM) => [
      microscope.name,
      microscope.location,
      cellModel.name,
      cellModel.donor,
      cellModel.mode,
    ];
    const known = new Set(TRAINING_MECHANISMS.flatMap(names));
    expect(names(UNSEEN_MECHANISM).filter((name) => known.has(name))).toEqual([]);
  });
});
