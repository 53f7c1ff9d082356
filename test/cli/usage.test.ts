import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { main, program } from '../../cli/main.ts';
import { userErrorOf } from '../../cli/user-error-of.ts';
import { fakeApi } from './fake-stack.ts';

it.each([
  ['dili x --day abc', /--day.*'abc' is invalid/],
  ['dili x --day -1', /--day/],
  ['smoke --timeout abc', /--timeout.*'abc' is invalid/],
  ['smoke --timeout 0', /--timeout/],
  ['local --port abc', /--port.*'abc' is invalid/],
  ['local --api-port 70000', /--api-port/],
  ['simulate --out x --drugs 1.5', /--drugs/],
  ['simulate --out x --dosed-on 2026-02-30', /--dosed-on.*'2026-02-30' is invalid/],
  ['bridge x --record y --date 2025-02-29', /--date.*'2025-02-29' is invalid/],
  [`simulate --out ${import.meta.filename}/x`, /a folder or file cannot be used: ENOTDIR.*\n.*Check the path/],
  ['bridge nosuch.csv', /nosuch\.csv is not there\n +Check the path/],
  [`bridge ${import.meta.dirname}`, /cli is a folder\n +Name the file in it/],
  ['nosuch', /unknown command/],
])('nvir %s ends with 2 and says why, before it does anything', async (line, message) => {
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    expect(await main(['node', 'nvir', ...line.split(' ')])).toBe(2);
  } finally {
    stderr.mockRestore();
  }
  expect(said.join('')).toMatch(message);
});

it('describes every option and argument', () => {
  const bare = program().commands.flatMap((command) =>
    [...command.options, ...command.registeredArguments]
      .filter(({ description }) => !description)
      .map((item) => `${command.name()} ${'flags' in item ? item.flags : item.name()}`),
  );
  expect(bare).toEqual([]);
});

async function saidBy(line: string): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const spies = [process.stderr, process.stdout].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0),
  );
  try {
    return { code: await main(['node', 'nvir', ...line.split(' ')]), said: said.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

it('says its version', async () => {
  expect(await saidBy('--version')).toEqual({ code: 0, said: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

describe('a cloud that cannot be used', () => {
  function outputsOf(ApiUrl: string, env: Record<string, string>): void {
    const folder = mkdtempSync(join(tmpdir(), 'nvir-usage-'));
    writeFileSync(join(folder, 'outputs.json'), JSON.stringify({ Nvir: { ApiUrl } }));
    const all = { NVIR_OUTPUTS: join(folder, 'outputs.json'), AWS_REGION: 'eu-west-1', ...env };
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
  }

  it('because nobody answers is named as such, without a stack trace', async () => {
    const { url, stop } = await fakeApi({});
    await stop();
    outputsOf(url, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    const { code, said } = await saidBy('status');
    expect(code).toBe(2);
    expect(said).toMatch(/^nvir: nobody answers: .*127\.0\.0\.1:\d+\n {6}Check the network/);
  });

  it('because the shell has no credentials is named as such', async () => {
    const nowhere = join(tmpdir(), 'nvir-no-such-file');
    outputsOf('http://127.0.0.1:1', {
      ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_SHARED_CREDENTIALS_FILE: nowhere, AWS_CONFIG_FILE: nowhere },
    });
    expect(await saidBy('status')).toEqual({
      code: 2,
      said: expect.stringMatching(/^nvir: no AWS credentials were found\n/),
    });
  });

  it.each(['ExpiredToken', 'AccessDenied', 'SignatureDoesNotMatch'])(
    'because of %s is for the person at the keyboard',
    (name) => expect(userErrorOf(Object.assign(new Error('why'), { name }))?.message).toContain('why'),
  );

  it('or is wrong itself is not theirs to mend', () => {
    expect(userErrorOf(new TypeError('x is not a function'))).toBeUndefined();
    expect(userErrorOf('thrown')).toBeUndefined();
  });
});
