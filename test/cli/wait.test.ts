import { expect, it } from 'vitest';
import { pauseMs } from '../../cli/demo/wait.ts';

it.each([
  ['nothing read yet', 0, 1_000, 2_000],
  ['far from the end', 50, 5_000, 2_000],
  ['near the end', 536, 16_000, 300],
  ['in between', 400, 16_000, (152 * 16_000) / 400 / 4],
])('looks again soon near the end only: %s', (_, done, elapsed, pause) => {
  expect(pauseMs(done, 552, elapsed)).toBeCloseTo(pause);
});
