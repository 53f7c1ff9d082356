/** `nvir smoke`: one simulated image through a deployed stack, step by step, and away again. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Command } from 'commander';
import sharp from 'sharp';
import { ulid } from 'ulid';
import { z } from 'zod';
import { imageKey, plateMapKey, studyNotesKey } from '../../lambdas/domain/keys.ts';
import { UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { renderWell } from '../../simulation/render/index.ts';
import { type Api, apiPath, createApi } from '../api.ts';
import { connect } from '../connection.ts';
import { note, print, printJson } from '../console.ts';

interface SmokeOptions {
  json?: true;
  keep?: true;
  timeout: string;
}

interface Step {
  what: string;
  /** Section of docs/runbook.md to read when the step does not come. */
  section: string;
  run: () => Promise<string>;
}

interface StepResult {
  step: string;
  ok: boolean;
  seconds: number;
  found: string;
}

const PLATE = 'P1';
const WELL_FILE = 'smoke_A01.png';
const POLL_MS = 1000;

const readingsPage = z.looseObject({
  readings: z.array(
    z.looseObject({ key: z.string(), status: z.string(), viability: z.number().optional(), model: z.unknown() }),
  ),
});
const anything = z.looseObject({});

export function smokeCommand(): Command {
  return new Command('smoke')
    .description('send one simulated image through the stack and away again; the first thing to run after a deployment')
    .option('--timeout <seconds>', 'how long a step may take', '600')
    .option('--keep', 'leave the smoke study in the bucket')
    .option('--json', 'print the steps as JSON')
    .addHelpText(
      'after',
      `
The stack is the one running here (npm run local), or the one deployed:
  npx cdk deploy --outputs-file outputs.json
  NVIR_OUTPUTS=outputs.json npx nvir smoke`,
    )
    .action(async (options: SmokeOptions) => {
      const results = await smoke(options);
      if (options.json) printJson(results);
      if (results.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function smoke(options: SmokeOptions): Promise<StepResult[]> {
  const connection = await connect();
  const api = createApi(connection);
  const s3 = new S3Client({ region: connection.region });
  const bucket = connection.output('ExportBucketName');
  const study = `nvir-smoke-${ulid().toLowerCase()}`;
  const image = imageKey(study, PLATE, WELL_FILE);
  const notes = new Map([
    [plateMapKey(study, PLATE), 'well,compound,concentration_uM,role\nA01,dmso,0,vehicle\n'],
    [studyNotesKey(study), JSON.stringify(studyNotes())],
  ]);
  const timeout_ms = Number(options.timeout) * 1000;
  const steps: Step[] = [
    {
      what: 'upload notes and image',
      section: 'intake-backlog',
      run: async () => {
        for (const [Key, Body] of notes) await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: image, Body: await simulatedImage() }));
        return `s3://${bucket}/${image}`;
      },
    },
    {
      what: 'reading with a viability',
      section: 'intake-dead-letters',
      run: () => until(timeout_ms, () => readingOf(api, study, image, 'read')),
    },
    {
      what: 'study scored, told by the API',
      section: 'scoring-dead-letters',
      run: () =>
        until(timeout_ms, async () => {
          const found = await api.get(apiPath('studies', study), anything);
          return 'scoredAt' in found && found.scoredAt ? `scored at ${found.scoredAt}` : undefined;
        }),
    },
    {
      what: 'image removed, reading says so',
      section: 'intake-dead-letters',
      run: async () => {
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: image }));
        return until(timeout_ms, async () =>
          (await readingOf(api, study, image, 'read')) === undefined ? 'no current reading' : undefined,
        );
      },
    },
  ];
  try {
    return await walk(steps.slice(0, options.keep ? -1 : undefined), !options.json);
  } finally {
    if (!options.keep) {
      for (const Key of [image, ...notes.keys()]) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    }
  }
}

/** Runs the steps one after the other, up to the first that fails. */
async function walk(steps: readonly Step[], says: boolean): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const { what, section, run } of steps) {
    const from = performance.now();
    const outcome = await run().then(
      (found) => ({ ok: true, found }),
      (error: unknown) => ({ ok: false, found: error instanceof Error ? error.message : String(error) }),
    );
    const seconds = Math.round((performance.now() - from) / 100) / 10;
    results.push({ step: what, seconds, ...outcome });
    if (says) print(`${outcome.ok ? '✔' : '✘'} ${what.padEnd(34)} ${String(seconds).padStart(6)} s  ${outcome.found}`);
    if (!outcome.ok) {
      note(`nvir: this step did not come; see docs/runbook.md#${section}`);
      break;
    }
  }
  return results;
}

async function readingOf(api: Api, study: string, key: string, status: string): Promise<string | undefined> {
  for await (const { readings } of api.pages(apiPath('studies', study, 'plates', PLATE, 'readings'), readingsPage)) {
    const reading = readings.find((candidate) => candidate.key === key);
    if (reading?.status === 'rejected') throw new Error(`the image was rejected: ${JSON.stringify(reading)}`);
    if (reading?.status === status) return `viability ${reading.viability?.toFixed(3)}`;
  }
  return undefined;
}

/** Asks again until there is an answer. What the API does not know yet is no answer. */
async function until(timeout_ms: number, ask: () => Promise<string | undefined>): Promise<string> {
  const deadline = performance.now() + timeout_ms;
  let last = 'nothing yet';
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      if (last.startsWith('the image was rejected')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`not within ${timeout_ms / 1000} s; last answer: ${last}`);
}

async function simulatedImage(): Promise<Buffer> {
  const { pixels, side, bitDepth } = renderWell({ mechanism: UNSEEN_MECHANISM, viability: 1, seed: 1, side: 512 });
  const eightBit = Uint8Array.from(pixels, (value) => value >> (bitDepth - 8));
  return sharp(eightBit, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}

function studyNotes(): object {
  return {
    name: 'Smoke test of a deployment, SIMULATED IMAGE',
    location: UNSEEN_MECHANISM.microscope.location,
    microscope: UNSEEN_MECHANISM.microscope.name,
    cellModel: UNSEEN_MECHANISM.cellModel.name,
    firstDosing: new Date(Date.now() - 24 * 3_600_000).toISOString(),
    imagingDays: [1],
    simulated: true,
  };
}
