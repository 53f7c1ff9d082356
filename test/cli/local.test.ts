import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { localCommand } from '../../cli/commands/local.ts';
import { readLocalState, writeLocalState } from '../../cli/local-state.ts';
import { takeDataDir } from '../../local/data-dir.ts';
import { runCommand } from './run-cli.ts';

const state = {
  awsUrl: 'http://127.0.0.1:4510',
  apiUrl: 'http://127.0.0.1:4511',
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'secret' },
  outputs: { ExportBucketName: 'exports' },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvir-local-'));
  // The state file is looked for where the command runs.
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  onTestFinished(() => {
    cwd.mockRestore();
    rmSync(folder, { recursive: true });
  });
});

describe('the state file', () => {
  it('tells where the cloud of this process is, until that ends', () => {
    const forget = writeLocalState(state);
    expect(readLocalState()).toEqual({ ...state, pid: process.pid });
    forget();
    expect(readLocalState()).toBeUndefined();
  });

  it('of another cloud is left to that', () => {
    const forget = writeLocalState(state);
    const file = join(folder, '.nvir', 'local.json');
    // Process 1 is always there.
    writeFileSync(file, JSON.stringify({ ...state, pid: 1 }));
    forget();
    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(1);
  });

  it('of a process that is gone counts for nothing', () => {
    writeLocalState(state);
    writeFileSync(join(folder, '.nvir', 'local.json'), JSON.stringify({ ...state, pid: 2 ** 22 + 1 }));
    expect(readLocalState()).toBeUndefined();
  });
});

it('prints four lines that name the region to every kind of client', async () => {
  writeLocalState(state);
  const { stdout } = await runCommand(localCommand(), ['--env']);
  expect(stdout).toBe(`export AWS_ENDPOINT_URL=http://127.0.0.1:4510
export AWS_ACCESS_KEY_ID=AKIAX
export AWS_SECRET_ACCESS_KEY=secret
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
`);
});

describe('what is in the way of a start is said with its remedy', () => {
  const refused = (args: readonly string[], message: RegExp, remedy: RegExp) =>
    expect(runCommand(localCommand(), args)).rejects.toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    );
  /** An assembly that is never read: something else is in the way first. */
  const assembly = () => {
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ artifacts: { Nvir: { type: 'aws:cloudformation:stack' } } }),
    );
    writeFileSync(join(folder, 'Nvir.template.json'), JSON.stringify({ Resources: {} }));
    return folder;
  };

  it('a folder without a synthesised stack', () =>
    refused(['--synth', join(folder, 'nowhere')], /nowhere holds no synthesised stack/, /npm run synth/));

  it.each([
    ['http://127.0.0.1:9', /no model answers at http:\/\/127\.0\.0\.1:9/, /\/ping/],
    ['127.0.0.1', /is not an address/, /http:/],
  ])('a model that is not there: %s', (model, message, remedy) =>
    refused(['--synth', assembly(), '--model', model], message, remedy),
  );

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const data = join(folder, 'data');
    await refused(
      ['--synth', assembly(), '--data', data, '--port', String(port), '--api-port', '0'],
      new RegExp(`port ${port} is in use`),
      /--port/,
    );
    await refused(
      ['--synth', assembly(), '--data', data, '--port', '0', '--api-port', String(port)],
      new RegExp(`port ${port} is in use`),
      /--api-port/,
    );
  });

  it('a data folder in use', async () => {
    const data = join(folder, 'data');
    onTestFinished(takeDataDir(data));
    await refused(['--synth', assembly(), '--data', data, '--port', '0', '--api-port', '0'], /is in use/, /--data/);
  });
});
