/**
 * Cuts one wire of the synthesised template at a time; a named run of the local cloud must fail for each. `npm test` cuts
 * one of each kind, `npm run wiring` all of them.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { synthesise } from '../../cli/synth.ts';
import { Noticed } from './wiring/cloud.ts';
import { startModelServer } from './wiring/model-server.ts';
import { type Mutation, mutations, parseTemplate, type Template } from './wiring/mutations.ts';
import { namedRun } from './wiring/named-run.ts';
import { type RunContext, runs } from './wiring/runs.ts';
import { unnoticed } from './wiring/unnoticed.ts';

const all = process.env['NVIR_WIRING'] === 'all';
/** One of each kind of wire, those that fail at once where there is a choice. */
const sample = [
  'permission: IntakePreprocess may sagemaker:InvokeEndpoint on InferenceEndpoint',
  'permission: ScoringScore may dynamodb:Query on ReadingsTable',
  'trust: ScoringScoreRole may be assumed by its service',
  'variable: ApiQueryFunction knows SCORES_TABLE',
  'filter: ReadingNewsFeed takes only what it should',
  'resource policy: IntakeKeysQueuePolicy: Allow sqs:SendMessage to s3.amazonaws.com if aws:SourceAccount',
  'event source: ReadingNewsFeed',
  'dead letters: events that AnnouncementsRule could not deliver are kept',
  'filter: AnnouncementsRule takes only our own events',
  'partial failures: IntakeKeysFeed gives back what failed',
  'authorisation: GET /v1/studies/{study}/dili',
];

const assembly = await synthesise();
const template: Template = parseTemplate(readFileSync(join(assembly, 'Nvir.template.json'), 'utf8'));
const cuts = mutations(template);
const isUnnoticed = ({ name }: Mutation) => unnoticed.some(({ cut }) => cut.test(name));
const wanted = cuts.filter((cut) => (all ? !isUnnoticed(cut) : sample.includes(cut.name)));
/** Whether what is listed as unnoticed really is: too long for every test, since each is a whole run. */
const passing = all ? cuts.filter(isUnnoticed) : [];

let model: Awaited<ReturnType<typeof startModelServer>>;
let context: Omit<RunContext, 'patience_ms'>;
beforeAll(async () => {
  model = await startModelServer();
  context = { assembly, modelUrl: model.url };
});
afterAll(() => model.close());

/** Beside other test files, two clouds at once. Alone, more: a run mostly waits, for a queue, a window or its patience. */
const AT_ONCE = all ? 2 * availableParallelism() : 2;
vi.setConfig({ maxConcurrency: AT_ONCE });
const atOnce = pLimit(AT_ONCE);
const TIMEOUT_MS = 180_000;

it('lists only wires that the template has, each once', () => {
  for (const { cut } of unnoticed)
    expect(cuts.filter(({ name }) => cut.test(name)).length, String(cut)).toBeGreaterThan(0);
  for (const name of sample) expect(cuts.map((cut) => cut.name)).toContain(name);
  for (const { name } of cuts) expect(unnoticed.filter(({ cut }) => cut.test(name)).length, name).toBeLessThan(2);
});

describe.concurrent('the whole template', () => {
  it.each(all ? Object.keys(runs) : ['arrival', 'kept', 'refused'])(
    'passes the run %s',
    (name) => atOnce(() => runs[name as keyof typeof runs](template, { ...context, patience_ms: 60_000 })),
    TIMEOUT_MS,
  );
});

describe.skipIf(passing.length === 0).concurrent('without one wire that cannot be missed', () => {
  it.each(passing.map((cut): [string, string, Mutation] => [cut.name, namedRun(cut), cut]))(
    '%s: the run %s passes',
    (_name, run, cut) =>
      atOnce(() => runs[run as keyof typeof runs](cut.template, { ...context, patience_ms: 60_000 })),
    TIMEOUT_MS,
  );
});

describe.concurrent('without one wire', () => {
  it.each(wanted.map((cut): [string, string, Mutation] => [cut.name, namedRun(cut), cut]))(
    '%s: the run %s fails',
    async (_name, run, cut) => {
      const outcome = atOnce(() => runs[run as keyof typeof runs](cut.template, { ...context, patience_ms: 15_000 }));
      await expect(outcome).rejects.toThrow(Noticed);
    },
    TIMEOUT_MS,
  );
});
