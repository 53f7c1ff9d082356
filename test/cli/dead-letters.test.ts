import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { failuresCommand } from '../../cli/commands/failures.ts';
import { retryCommand } from '../../cli/commands/retry.ts';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/version.ts';
import { fakeStack, studyState } from './fake-stack.ts';
import { runCommand } from './run-cli.ts';

/** No id of SQS may hold such a name: it is encoded, and shortened. */
const LONG = `study of spheroïds, ${'repeated '.repeat(15)}`;

const image = (study: string, plate = 'P1') =>
  JSON.stringify({ Records: [{ s3: { object: { key: `exports/${study.replaceAll(' ', '+')}/${plate}/a.tif` } } }] });
const score = (study: string) => JSON.stringify({ kind: 'score', study });

async function stackOf(...studies: string[]) {
  const stack = await fakeStack(
    Object.fromEntries(studies.map((study) => [`/v1/studies/${study}`, { body: studyState(study) }])),
  );
  const sqs = new SQSClient(stack.aws.options);
  /** Bodies that are there to be received now; they stay. */
  const waiting = async (output: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: stack.outputs[output], MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body }) => Body).sort();
  };
  return { ...stack, waiting };
}

it('failures hides nothing from the retry that it recommends, and retry nothing of other studies', async () => {
  const stack = await stackOf('mine', 'other');
  for (const study of ['mine', 'mine', 'other']) await stack.send('IntakeDeadLetterQueueUrl', image(study));
  await stack.send('ScoringDeadLetterQueueUrl', score('mine'), 'mine');

  const failures = await runCommand(failuresCommand(), ['mine', '--json']);
  expect(failures.exitCode).toBe(1);
  expect(JSON.parse(failures.stdout).deadLetters).toEqual([
    { stage: 'preprocess', body: image('mine') },
    { stage: 'preprocess', body: image('mine') },
    { stage: 'score', body: score('mine') },
  ]);

  const retry = await runCommand(retryCommand(), ['mine', '--json']);
  expect(JSON.parse(retry.stdout)).toMatchObject({ redriven: 3, swept: true });
  expect(await stack.waiting('IntakeQueueUrl')).toEqual([image('mine'), image('mine')]);
  expect(await stack.waiting('ScoringQueueUrl')).toEqual([score('mine')]);
  expect(await stack.waiting('SweepQueueUrl')).toEqual([
    JSON.stringify({ kind: 'sweep-study', study: 'mine', olderPreprocessing: true }),
  ]);
  // What was only looked at is there for who looks next.
  expect(await stack.waiting('IntakeDeadLetterQueueUrl')).toEqual([image('other')]);
});

it('retry of one plate leaves the others’ dead letters', async () => {
  const stack = await stackOf('mine');
  stack.answers['/v1/studies/mine/plates/P2'] = {
    body: {
      study: 'mine',
      plate: 'P2',
      simulated: false,
      hasMap: false,
      map: [],
      reads: [],
      unplaced: [],
      problems: [],
    },
  };
  for (const plate of ['P1', 'P2']) await stack.send('IntakeDeadLetterQueueUrl', image('mine', plate));
  const retry = await runCommand(retryCommand(), ['mine', '--plate', 'P2', '--json']);
  expect(JSON.parse(retry.stdout)).toMatchObject({ redriven: 1, plate: 'P2' });
  expect(await stack.waiting('IntakeDeadLetterQueueUrl')).toEqual([image('mine', 'P1')]);
});

it('retry says how many images another version of preprocessing read, and asks for them', async () => {
  const stack = await stackOf('mine');
  stack.answers['/v1/studies/mine'] = { body: studyState('mine', ['P1', 'P2']) };
  const read = (preprocessingVersion: string, i: number) => ({
    ...{ path: `day7/A0${i}.tif`, key: `exports/mine/P1/day7/A0${i}.tif`, versionId: 'v', status: 'read' },
    ...{ placement: 'used', revision: 1, field: '', z: '', channel: '', day: 7 },
    ...{ takenAt: '2026-03-09T10:00:00.000Z', takenAtSource: 'upload' },
    ...{ uploadedAt: '2026-03-09T10:00:00.000Z', readAt: '2026-03-09T10:01:00.000Z' },
    preprocessingVersion,
  });
  for (const [plate, versions] of [
    ['P1', ['1', PREPROCESSING_VERSION, '1']],
    ['P2', ['1']],
  ] as const)
    stack.answers[`/v1/studies/mine/plates/${plate}/readings`] = {
      body: { study: 'mine', plate, simulated: false, readings: versions.map(read), nextCursor: null },
    };
  const retry = await runCommand(retryCommand(), ['mine']);
  expect(retry.stdout).toContain(
    `3 images were read by another version of preprocessing than ${PREPROCESSING_VERSION}: they are read again.`,
  );
});

it('retry sends back more than ten requests to score one study, whatever its name', async () => {
  const stack = await stackOf(LONG);
  for (let i = 0; i < 12; i++) await stack.send('ScoringDeadLetterQueueUrl', score(LONG), 'group');
  const retry = await runCommand(retryCommand(), [LONG, '--json']);
  expect(JSON.parse(retry.stdout)).toMatchObject({ redriven: 12 });
  expect(await stack.waiting('ScoringDeadLetterQueueUrl')).toEqual([]);
});

it.each([
  [['nosuch'], 'of a study that does not exist'],
  [['mine', '--plate', 'nosuch'], 'of a plate that does not exist'],
])('retry %s, %s, sends nothing', async (args) => {
  const stack = await stackOf('mine');
  await expect(runCommand(retryCommand(), args)).rejects.toThrow(expect.objectContaining({ name: 'UserError' }));
  expect(await stack.waiting('SweepQueueUrl')).toEqual([]);
});
