/** A short `npm run chaos`: one seed. */
import { expect, test } from 'vitest';
import { synthesise } from '../../cli/synth.ts';
import { playInDisorder, playInOrder } from '../chaos/play.ts';
import { buildScenario } from '../chaos/scenario.ts';

test('disorder, late notes and killed processes leave the same readings and scores', { timeout: 240_000 }, async () => {
  const assembly = await synthesise();
  const scenario = await buildScenario();
  const clean = await playInOrder(assembly, scenario);
  expect(clean.beforeSweep).toEqual(clean.outcome);
  expect(clean.outcome).toMatchObject({ missing: [], strays: [] });
  expect(Object.keys(clean.outcome.scores).length).toBeGreaterThan(5);
  const chaotic = await playInDisorder(assembly, scenario, 1);
  expect(chaotic.beforeSweep).toEqual(clean.outcome);
  expect(chaotic.outcome).toEqual(clean.outcome);
  expect(chaotic.cutOff).toBeGreaterThan(0);
  expect(chaotic.deadLetters).toBe(0);
});
