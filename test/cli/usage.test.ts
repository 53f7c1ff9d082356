import { expect, it, vi } from 'vitest';
import { main, program } from '../../cli/main.ts';

it.each([
  ['dili x --day abc', /--day.*'abc' is invalid/],
  ['dili x --day -1', /--day/],
  ['smoke --timeout abc', /--timeout.*'abc' is invalid/],
  ['smoke --timeout 0', /--timeout/],
  ['local --port abc', /--port.*'abc' is invalid/],
  ['local --api-port 70000', /--api-port/],
  ['simulate --out x --drugs 1.5', /--drugs/],
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
