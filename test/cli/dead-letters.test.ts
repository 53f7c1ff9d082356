import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { failuresCommand } from '../../cli/commands/failures.ts';
import { retryCommand } from '../../cli/commands/retry.ts';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/version.ts';
import { readingsAnswer } from '../../lambdas/query/answers.ts';
import { studyNotes } from '../fakes/readings.ts';
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
  expect(JSON.parse(retry.stdout)).toMatchObject({ redriven: 3, readAgain: null, swept: true });
  expect(await stack.waiting('IntakeQueueUrl')).toEqual([image('mine'), image('mine')]);
  expect(await stack.waiting('ScoringQueueUrl')).toEqual([score('mine')]);
  expect(await stack.waiting('SweepQueueUrl')).toEqual([JSON.stringify({ kind: 'sweep-study', study: 'mine' })]);
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

describe('retry asked to read again', () => {
  const today = { name: 'nvir', version: '2', sha256: 'b'.repeat(64), variant: 'int8' };
  const former = { ...today, version: '1', sha256: 'a'.repeat(64) };
  const answering = async () => ({
    ...{ status: 200, contentType: 'application/json' },
    body: JSON.stringify({ viability: [1], model: today }),
  });

  async function stackWithReadings() {
    const stack = await stackOf('mine');
    stack.answers['/v1/studies/mine'] = { body: studyState('mine', ['P1']) };
    const read = (path: string, more: object) => ({
      ...{ path, key: `exports/mine/P1/${path}`, versionId: 'v', status: 'read' },
      ...{ placement: 'used', revision: 1, field: '', z: '', channel: '', day: 7, model: today },
      ...{ takenAt: '2026-03-09T10:00:00.000Z', takenAtSource: 'upload' },
      ...{ uploadedAt: '2026-03-09T10:00:00.000Z', readAt: '2026-03-09T10:01:00.000Z' },
      ...{ preprocessingVersion: PREPROCESSING_VERSION, ...more },
    });
    const older = { preprocessingVersion: '1', model: former };
    const readings = {
      P1: [read('a', older), read('b', { model: former }), read('c', {}), read('d', { day: 3, model: former })],
      P2: [read('a', older)],
    };
    for (const [plate, all] of Object.entries(readings))
      stack.answers[`/v1/studies/mine/plates/${plate}/readings`] = {
        body: { study: 'mine', plate, simulated: false, readings: all, nextCursor: null },
      };
    // The scores do not know P2 yet, and of P3 nothing was read.
    const s3 = new S3Client(stack.aws.options);
    for (const plate of ['P2', 'P3'])
      await s3.send(new PutObjectCommand({ Bucket: 'exports', Key: `exports/mine/${plate}/a.tif`, Body: 'a' }));
    await stack.send('IntakeDeadLetterQueueUrl', image('mine'));
    return stack;
  }

  it.each([
    [['--older-preprocessing'], { olderPreprocessing: true, otherModel: false }, 3],
    [['--older-preprocessing', '--other-model'], { olderPreprocessing: true, otherModel: true }, 4],
    [['--other-model', '--plate', 'P2'], { olderPreprocessing: false, otherModel: true }, 1],
  ])('%j names today’s model to the sweep, and counts whole plate reads of all plates', async (args, what, images) => {
    const stack = await stackWithReadings();
    stack.model.invoke = answering;
    const json = JSON.parse((await runCommand(retryCommand(), ['mine', ...args, '--json'])).stdout);
    const readAgain = { ...what, model: today };
    expect(json).toMatchObject({ readAgain: { ...readAgain, images }, swept: true });
    const [sent = ''] = await stack.waiting('SweepQueueUrl');
    expect(JSON.parse(sent)).toMatchObject({ study: 'mine', readAgain });
    const { stdout } = await runCommand(retryCommand(), ['mine', ...args]);
    expect(stdout).toContain(
      `Up to ${images} images, counted by this checkout’s version of preprocessing (${PREPROCESSING_VERSION}), are read again by today’s model: nvir 2, int8`,
    );
  });

  it('counts plate reads that are divided by one that changes its model', async () => {
    const stack = await stackWithReadings();
    stack.model.invoke = answering;
    const count = async (args: string[]) =>
      JSON.parse((await runCommand(retryCommand(), ['mine', '--json', ...args])).stdout).readAgain.images;
    expect(await count(['--older-preprocessing'])).toBe(3);
    const { body } = stack.answers['/v1/studies/mine/plates/P1/readings'] ?? {};
    const answer = readingsAnswer.parse(body);
    const readings = answer.readings.map((reading) => (reading.path === 'c' ? { ...reading, day: 0 } : reading));
    stack.answers['/v1/studies/mine/plates/P1/readings'] = { body: { ...answer, readings } };
    const notes = studyNotes({ normalisation: 'day-0' });
    const s3 = new S3Client(stack.aws.options);
    for (const [name, Body] of Object.entries({ 'study.json': notes, 'P1/a': 'a' }))
      await s3.send(new PutObjectCommand({ Bucket: 'exports', Key: `exports/mine/${name}`, Body }));
    expect(await count(['--older-preprocessing'])).toBe(4);
    expect(await count(['--older-preprocessing', '--plate', 'P1'])).toBe(3);
  });

  it('sends the dead letters back first, and no sweep when the model does not answer', async () => {
    const stack = await stackWithReadings();
    stack.model.invoke = async () => ({ status: 500, contentType: 'text/plain', body: 'asleep' });
    const run = runCommand(retryCommand(), ['mine', '--older-preprocessing']);
    await expect(run).rejects.toThrow(expect.objectContaining({ name: 'UserError' }));
    expect(await stack.waiting('IntakeQueueUrl')).toEqual([image('mine')]);
    expect(await stack.waiting('SweepQueueUrl')).toEqual([]);
  });
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
