/** `npm run chaos`: the scenario in disorder over 20 seeds; every outcome must equal that of the orderly run. */
import '../../cli/quiet-sdk.mjs';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/arguments.ts';
import { synthesise } from '../../cli/synth.ts';
import { firstDifference, type Outcome } from './outcome.ts';
import { type Played, playInDisorder, playInOrder } from './play.ts';
import { buildScenario } from './scenario.ts';

const LARGEST_SEED = 0xffffffff;
const { seeds: count, only } = new Command('npm run chaos --')
  .description(
    'Plays events three times and shuffled, with processes killed, and compares the outcome with an orderly run.',
  )
  .option('--seeds <n>', 'play seeds 1 to n', wholeNumber(1, 10_000), 20)
  .option('--only <seed>', 'play this one alone, as to repeat a run that differed', wholeNumber(0, LARGEST_SEED))
  .parse()
  .opts<{ seeds: number; only?: number }>();
const seeds = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [only];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What is wrong with a run, or undefined. */
function fault(clean: Played, chaotic: Played): string | undefined {
  const before = faultOf(clean.outcome, chaotic.beforeSweep);
  if (before) return `before the sweep: ${before}`;
  const after = faultOf(clean.outcome, chaotic.outcome);
  return after && `after the sweep: ${after}`;
}

function faultOf(clean: Outcome, chaotic: Outcome): string | undefined {
  const { missing, strays } = chaotic;
  if (missing.length > 0) return `objects without a reading: ${missing.join(', ')}`;
  if (strays.length > 0) return `readings without an object: ${strays.join(', ')}`;
  return firstDifference(clean, chaotic);
}

const assembly = await synthesise(say);
const scenario = await buildScenario();
const clean = await playInOrder(assembly, scenario);
const { images, missing, scores } = clean.outcome;
say(`in order: ${images.length} images, ${missing.length} missing, ${Object.keys(scores).length} scores`);
let faults = missing.length > 0 ? 1 : 0;
for (const seed of seeds) {
  const started = performance.now();
  const chaotic = await playInDisorder(assembly, scenario, seed);
  const found = fault(clean, chaotic);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(
    `seed ${seed}: ${chaotic.kills} kills (${chaotic.cutOff} in the middle of work), ${chaotic.deadLetters} dead letters, ${seconds} s: ${found ?? 'equal'}`,
  );
  if (found) faults++;
}
say(faults === 0 ? 'The books balance and the scores are equal.' : `${faults} runs differ.`);
process.exitCode = faults === 0 ? 0 : 1;
