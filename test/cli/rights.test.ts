/** What docs/deploy.md says that a person must be allowed to do, against what the commands ask of the local cloud. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { excludeCommand } from '../../cli/commands/exclude.ts';
import { failuresCommand } from '../../cli/commands/failures.ts';
import { lockCommand } from '../../cli/commands/lock.ts';
import { retryCommand } from '../../cli/commands/retry.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { AccessDenied, type Principal } from '../../local/contract.ts';
import { type FakeStack, fakeStack, studyState } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'deploy.md'), 'utf8');

/** Actions of the row that begins with a command, and of the rows that it refers to. */
function documented(command: string): string[] {
  const row = guide.split('\n').find((line) => line.startsWith(`| \`${command}\``)) ?? '';
  const others = [...row.matchAll(/those of `(nvir \w+)/g)].flatMap(([, other]) => (other ? documented(other) : []));
  const own = [...row.matchAll(/`((?:s3|sqs|dynamodb|sagemaker):\w+)`/g)].flatMap(([, action]) => action ?? []);
  return [...others, ...own].sort();
}

async function stackWithStudy(): Promise<FakeStack> {
  const plate = { study: 's', plate: 'P1', simulated: false, hasMap: true, map: [{ well: 'B03' }] };
  const readings = { study: 's', plate: 'P1', simulated: false, readings: [], nextCursor: null };
  const stack = await fakeStack({
    '/v1/studies/s': { body: { ...studyState('s', ['P1']), scoredAt: '2026-03-10T09:00:00Z', lock: null } },
    '/v1/studies/s/plates/P1': { body: { ...plate, reads: [], unplaced: [], problems: [] } },
    '/v1/studies/s/plates/P1/readings': { body: readings },
  });
  const model = { name: 'nvir', version: '1', sha256: 'a'.repeat(64), variant: 'int8' };
  stack.model.invoke = async () => ({
    ...{ status: 200, contentType: 'application/json' },
    body: JSON.stringify({ viability: [1], model }),
  });
  const letter = { Records: [{ s3: { object: { key: 'exports/s/P1/a.tif' } } }] };
  await stack.send('IntakeDeadLetterQueueUrl', JSON.stringify(letter));
  await stack.send('IntakeDeadLetterQueueUrl', JSON.stringify(letter).replaceAll('/s/', '/other/'));
  return stack;
}

/** From here on the shell's credentials are somebody's of whom each action is asked. */
function signInAs(stack: FakeStack, authorize: Principal['authorize']): void {
  const { credentials } = stack.aws.optionsOf({ arn: 'arn:aws:iam::000000000000:user/ada', authorize });
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  if (credentials.sessionToken) vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
}

const WHO = ['--name', 'Ada', '--reason', 'a fibre'];

describe('rights in docs/deploy.md', () => {
  it.each<[string, () => Command, string[]]>([
    ['nvir status STUDY', statusCommand, ['s']],
    ['nvir failures', failuresCommand, ['s']],
    ['nvir retry', retryCommand, ['s', '--plate', 'P1']],
    ['nvir retry --other-model', retryCommand, ['s', '--other-model']],
    ['nvir exclude', excludeCommand, ['s', 'P1', 'B03', ...WHO]],
    ['nvir exclude', lockCommand, ['s', ...WHO]],
  ])('are those that %s uses', async (row, command, args) => {
    const stack = await stackWithStudy();
    const asked = new Set<string>();
    signInAs(stack, ({ action }) => asked.add(action));
    await runCommand(command(), args);
    expect([...asked].sort()).toEqual(documented(row));
  });
});

it('retry says which right is missing to ask the model, and not that the endpoint failed', async () => {
  const stack = await stackWithStudy();
  signInAs(stack, (request) => {
    if (request.action === 'sagemaker:InvokeEndpoint') throw new AccessDenied('ada', request, 'no policy allows it');
  });
  const run = runCommand(retryCommand(), ['s', '--other-model']);
  await expect(run).rejects.toMatchObject({
    message: expect.stringMatching(/these credentials may not do that: .*sagemaker:InvokeEndpoint/),
    remedy: expect.stringContaining('have the named action allowed'),
  });
});
