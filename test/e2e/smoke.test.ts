import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { smokeCommand } from '../../cli/commands/smoke.ts';
import { synthesise } from '../../cli/synth.ts';
import { type LocalCloud, startLocalCloud } from '../../local/index.ts';

let cloud: LocalCloud;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nvir-smoke-'));
  cloud = await startLocalCloud({ assembly: await synthesise(), dataDir: join(folder, 'data'), clockRate: 20 });
  // As after a deployment: credentials in the environment, outputs in a file.
  const outputs = join(folder, 'outputs.json');
  writeFileSync(outputs, JSON.stringify({ Nvir: cloud.outputs }));
  for (const [name, value] of Object.entries({ ...cloud.environment(), NVIR_OUTPUTS: outputs }))
    vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('the smoke command sends one simulated image through the stack and away again', async () => {
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  await smokeCommand().parseAsync(['--json', '--timeout', '30'], { from: 'user' });
  stdout.mockRestore();
  const steps: { step: string; ok: boolean; found: string }[] = JSON.parse(written.join(''));
  expect(steps.map(({ ok, found }) => ok || found)).toEqual([true, true, true, true]);
  expect(steps[1]?.found).toMatch(/^viability -?\d/);
  expect(process.exitCode ?? 0).toBe(0);
});
