/** Plays the scenario on a local cloud: in order and in peace, or in disorder with processes killed at random. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/index.ts';
import { type Random, seededRandom } from '../../simulation/random.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Scenario, Step } from './scenario.ts';
import { shuffled } from './shuffled.ts';

/** Visibility timeouts of twelve minutes become seven seconds: a killed batch comes back soon. */
const CLOCK_RATE = 100;
const PATIENCE_MS = 120_000;
const COPIES = 3;
/** Enough to hit every stage, few enough that no message reaches the dead letters by kills alone. */
const KILLS = 10;
const LONGEST_PAUSE_BETWEEN_STEPS_MS = 120;
const LONGEST_PAUSE_BETWEEN_KILLS_MS = 900;

export interface Played {
  /** Before any sweep: it would mend what events, kills and re-deliveries must not break in the first place. */
  beforeSweep: Outcome;
  outcome: Outcome;
  kills: number;
  /** Invocations that a kill cut off in the middle; the other kills met idle processes. */
  cutOff: number;
  /** Messages in dead-letter and failure queues at the end. */
  deadLetters: number;
}

export function playInOrder(assembly: string, scenario: Scenario): Promise<Played> {
  return onCloud({ assembly }, async (cloud) => {
    await apply(cloud, [...scenario.notes, ...scenario.images]);
    await cloud.settled(PATIENCE_MS);
    await apply(cloud, scenario.afterwards);
    return 0;
  });
}

export function playInDisorder(assembly: string, scenario: Scenario, seed: number): Promise<Played> {
  const random = seededRandom(seed);
  return onCloud({ assembly, disorder: { copies: COPIES, random: seededRandom(seed + 1_000) } }, async (cloud) => {
    let ended = false;
    const killing = killAtRandom(cloud, random, () => ended);
    await apply(cloud, disorderly(scenario, random), random);
    // Some of the killing falls into the time when nothing new comes.
    await pause(2_000 * random());
    ended = true;
    return killing;
  });
}

/** Images in any order; re-exports and removals behind them; wrong notes anywhere, right ones anywhere after those. */
function disorderly({ wrongNotes, notes, images, afterwards }: Scenario, random: Random): Step[] {
  const first = [...shuffled(images, random), ...shuffled(afterwards, random)];
  const second = [...shuffled(wrongNotes, random), ...shuffled(notes, random)];
  const steps: Step[] = [];
  while (first.length + second.length > 0) {
    const fromFirst = random() * (first.length + second.length) < first.length;
    const step = (fromFirst ? first : second).shift();
    if (step) steps.push(step);
  }
  return steps;
}

async function onCloud(
  options: Pick<LocalCloudOptions, 'assembly' | 'disorder'>,
  work: (cloud: LocalCloud) => Promise<number>,
): Promise<Played> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nvir-chaos-'));
  const cloud = await startLocalCloud({ ...options, dataDir, clockRate: CLOCK_RATE });
  try {
    const kills = await work(cloud);
    await cloud.settled(PATIENCE_MS);
    const beforeSweep = await outcomeOf(cloud);
    await cloud.invoke(cloud.outputs['SweepFunctionName'] ?? '', { kind: 'sweep' });
    await cloud.settled(PATIENCE_MS);
    const outcome = await outcomeOf(cloud);
    const cutOff = cutOffInvocations(join(dataDir, 'logs'));
    return { beforeSweep, outcome, kills, cutOff, deadLetters: cloud.deadLetters() };
  } finally {
    await cloud.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function apply(cloud: LocalCloud, steps: readonly Step[], random?: Random): Promise<void> {
  const s3 = new S3Client({ endpoint: cloud.awsUrl, region: cloud.region, credentials: cloud.credentials });
  const Bucket = cloud.outputs['ExportBucketName'] ?? '';
  for (const step of steps) {
    if (step.kind === 'put') await s3.send(new PutObjectCommand({ Bucket, Key: step.key, Body: step.body }));
    else await s3.send(new DeleteObjectCommand({ Bucket, Key: step.key }));
    if (random) await pause(LONGEST_PAUSE_BETWEEN_STEPS_MS * random());
  }
}

/** SIGKILL for processes of preprocess and score, wherever they are: between get, invoke and put. */
async function killAtRandom(cloud: LocalCloud, random: Random, ended: () => boolean): Promise<number> {
  let kills = 0;
  while (!ended() && kills < KILLS) {
    await pause(LONGEST_PAUSE_BETWEEN_KILLS_MS * random());
    const targets = cloud.functionProcesses().filter(({ logicalId }) => /Preprocess|Score/.test(logicalId));
    const target = targets[Math.floor(random() * targets.length)];
    if (!target) continue;
    try {
      process.kill(target.pid, 'SIGKILL');
      kills++;
    } catch {
      // It ended by itself in this moment.
    }
  }
  return kills;
}

function cutOffInvocations(logs: string): number {
  const lines = readdirSync(logs).flatMap((file) => readFileSync(join(logs, file), 'utf8').split('\n'));
  return lines.filter((line) => line.includes('process ended: SIGKILL')).length;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
