import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { smokeCommand } from '../../cli/commands/smoke.ts';
import { synthesise } from '../../cli/synth.ts';
import { startLocalCloud } from '../../local/index.ts';
import { runCommand } from '../cli/run-cli.ts';
import { mutations, parseTemplate, type Template } from './wiring/mutations.ts';

const STEPS = 5;
const assembly = await synthesise();

interface Step {
  step: string;
  ok: boolean;
  found: string;
}

/** A cloud as after a deployment: credentials in the environment, outputs in a file. */
async function deployed(cut: (template: Template) => Template = (template) => template): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nvir-smoke-'));
  const template = cut(parseTemplate(readFileSync(join(assembly, 'Nvir.template.json'), 'utf8')));
  const cloud = await startLocalCloud({ assembly, template, dataDir: join(folder, 'data'), clockRate: 20 });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const outputs = join(folder, 'outputs.json');
  writeFileSync(outputs, JSON.stringify({ Nvir: cloud.outputs }));
  for (const [name, value] of Object.entries({ ...cloud.environment(), NVIR_OUTPUTS: outputs }))
    vi.stubEnv(name, value);
}

async function smoke(timeout_s: number): Promise<{ steps: Step[]; exitCode: number }> {
  const { stdout, exitCode } = await runCommand(smokeCommand(), ['--json', '--timeout', String(timeout_s)]);
  return { steps: JSON.parse(stdout), exitCode };
}

// A start comes first; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

it('the smoke command sends one simulated image through the stack and away again', async () => {
  await deployed();
  const { steps, exitCode } = await smoke(30);
  expect(steps.map(({ ok, found }) => ok || found)).toEqual(Array(STEPS).fill(true));
  expect(steps[2]?.found).toMatch(/^viability -?\d/);
  expect(exitCode).toBe(0);
});

it('notices that no news of readings comes: notes alone are no score of the image', async () => {
  await deployed((template) => cutNamed(template, 'event source: ReadingNewsFeed'));
  const { steps, exitCode } = await smoke(12);
  expect(steps.filter(({ ok }) => !ok)).toEqual([
    expect.objectContaining({ step: 'reading in the study’s score', found: expect.stringMatching(/^not within/) }),
  ]);
  expect(exitCode).toBe(1);
});

function cutNamed(template: Template, name: string): Template {
  const found = mutations(template).find((cut) => cut.name === name);
  if (!found) throw new Error(`no cut is called ${name}`);
  return found.template;
}
