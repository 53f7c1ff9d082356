/** `nvir smoke`: one simulated image through a deployed stack, step by step, and away again. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Command } from 'commander';
import { ulid } from 'ulid';
import type { z } from 'zod';
import { imageKey, plateMapKey, studyNotesKey } from '../../lambdas/domain/keys.ts';
import { readingsAnswer, studyAnswer } from '../../lambdas/query/answers.ts';
import { type Api, ApiRefusal, apiPath, createApi } from '../api.ts';
import { wholeNumber } from '../arguments.ts';
import { connect } from '../connection.ts';
import { note, print, printJson, UserError } from '../console.ts';
import { PLATE, plateMap, READ_DAY, simulatedImage, studyNotes, WELL_FILE } from '../smoke-study.ts';

interface SmokeOptions {
  json?: true;
  keep?: true;
  timeout: number;
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

const POLL_MS = 1000;
/**
 * How long news of a reading may take to become a score. Not for ever: within the hour a sweep would score the study, and
 * a stream that is cut would go unnoticed.
 */
const NEWS_PATIENCE_MS = 180_000;

type StudyState = z.infer<typeof studyAnswer>;

export function smokeCommand(): Command {
  return new Command('smoke')
    .description('send one simulated image through the stack and away again; the first thing to run after a deployment')
    .option('--timeout <seconds>', 'how long a step may take', wholeNumber(1, 86_400), 600)
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
  const s3 = new S3Client(connection.aws);
  const bucket = connection.output('ExportBucketName');
  const study = `nvir-smoke-${ulid().toLowerCase()}`;
  const image = imageKey(study, PLATE, WELL_FILE);
  const map = plateMapKey(study, PLATE);
  const notes = studyNotesKey(study);
  const timeout_ms = options.timeout * 1000;
  const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  const scored = (limit_ms: number, isSo: (state: StudyState) => boolean) =>
    until(limit_ms, async () => {
      const state = await api.get(apiPath('studies', study), studyAnswer);
      return state.scoredAt !== null && isSo(state) ? `scored at ${state.scoredAt}` : undefined;
    });
  // Each upload waits for what the former asked for: so nothing but the news of its reading can score the image.
  const steps: Step[] = [
    {
      what: 'study notes uploaded and scored',
      section: 'scoring-dead-letters',
      run: async () => {
        await put(notes, studyNotes());
        return scored(timeout_ms, () => true);
      },
    },
    {
      what: 'plate map uploaded and scored',
      section: 'scoring-dead-letters',
      run: async () => {
        await put(map, plateMap);
        return scored(timeout_ms, ({ plates }) => plates.some(({ plate, hasMap }) => plate === PLATE && hasMap));
      },
    },
    {
      what: 'image uploaded, viability read',
      section: 'intake-dead-letters',
      run: async () => {
        await put(image, await simulatedImage());
        return until(timeout_ms, () => viabilityOf(api, study, image));
      },
    },
    {
      what: 'reading in the study’s score',
      section: 'readings-stream-lag',
      run: () =>
        scored(Math.min(timeout_ms, NEWS_PATIENCE_MS), ({ plates }) =>
          plates.some(({ reads }) => reads.some(({ day, imagedWells }) => day === READ_DAY && imagedWells === 1)),
        ),
    },
    {
      what: 'image removed, reading says so',
      section: 'intake-dead-letters',
      run: async () => {
        await remove(image);
        return until(timeout_ms, async () =>
          (await viabilityOf(api, study, image)) === undefined ? 'no current reading' : undefined,
        );
      },
    },
  ];
  try {
    return await walk(steps.slice(0, options.keep ? -1 : undefined), !options.json);
  } finally {
    if (!options.keep) for (const key of [image, map, notes]) await remove(key);
  }
}

/** Runs the steps one after the other, up to the first that fails. */
async function walk(steps: readonly Step[], says: boolean): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const { what, section, run } of steps) {
    const from = performance.now();
    const outcome = await run().then(
      (found) => ({ ok: true, found }),
      (error: unknown) => ({ ok: false, found: reasonOf(error) }),
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

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return `${error.message}. ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}

/** The image will not be read, however long one waits. */
class ImageRejected extends Error {}

async function viabilityOf(api: Api, study: string, key: string): Promise<string | undefined> {
  for await (const { readings } of api.pages(apiPath('studies', study, 'plates', PLATE, 'readings'), readingsAnswer)) {
    const reading = readings.find((candidate) => candidate.key === key);
    if (reading?.status === 'rejected') throw new ImageRejected(`the image was rejected: ${JSON.stringify(reading)}`);
    if (reading) return `viability ${reading.viability?.toFixed(3)}`;
  }
  return undefined;
}

/** Asks again until there is an answer. What the API does not know yet is no answer; a caller it refuses stays refused. */
async function until(timeout_ms: number, ask: () => Promise<string | undefined>): Promise<string> {
  const deadline = performance.now() + timeout_ms;
  let last = 'nothing yet';
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof ImageRejected) throw error;
      if (error instanceof ApiRefusal && error.status !== 404) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`not within ${timeout_ms / 1000} s; last answer: ${last}`);
}
