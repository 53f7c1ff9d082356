import { expect, it, vi } from 'vitest';
import { smokeCommand } from '../../cli/commands/smoke.ts';
import { fakeStack } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

it.each([401, 403])(
  'gives up at once when the API answers %i, and says what to do',
  async (status) => {
    await fakeStack(new Proxy({}, { get: () => ({ status, body: { message: 'no' } }) }));
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { stdout, exitCode } = await runCommand(smokeCommand(), ['--json', '--timeout', '20']);
    stderr.mockRestore();
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ ok: false, found: expect.stringMatching(/refused the call.*NVIR_TOKEN/) }),
    ]);
    expect(exitCode).toBe(1);
  },
  10_000,
);
