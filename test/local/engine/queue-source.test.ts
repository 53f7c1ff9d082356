import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../local/clock.ts';
import { compilePattern } from '../../../local/events/pattern.ts';
import { QueueSource, type QueueSourceSettings } from '../../../local/lambda/queue-source.ts';
import { FakeQueue, functionOf, temporaryDir } from './fakes.ts';

/** Feeds the function from a fake queue; the function notes every batch that it saw in a file. */
function feed(answer: string, settings: Partial<QueueSourceSettings> = {}) {
  const seen = join(temporaryDir(), 'seen');
  const { lambda } = functionOf(
    `const { appendFileSync } = require('node:fs');
     exports.handler = async ({ Records }) => {
       appendFileSync(process.env.SEEN, JSON.stringify(Records.map((one) => one.body)) + '\\n');
       ${answer}
     };`,
    { environment: { SEEN: seen } },
  );
  const queue = new FakeQueue();
  const source = new QueueSource(
    lambda,
    {
      queueName: 'q',
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      fifo: false,
      region: 'us-east-1',
      batchSize: 10,
      windowSeconds: 0,
      maximumConcurrency: 2,
      reportsItemFailures: true,
      filters: [],
      ...settings,
    },
    queue.service(),
    createClock(1),
    () => {},
  );
  onTestFinished(() => source.stop());
  const batches = (): string[][] =>
    existsSync(seen)
      ? readFileSync(seen, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  return { queue, source, batches };
}

test('deletes what was done, in batches of at most the batch size', async () => {
  const { queue, source, batches } = feed('', { batchSize: 3 });
  for (let i = 0; i < 7; i++) queue.put(String(i));
  source.start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches().flat().sort()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  expect(Math.max(...batches().map((batch) => batch.length))).toBeLessThanOrEqual(3);
});

test('gathers a batch over 10 for the length of its window', async () => {
  const { queue, source, batches } = feed('', { batchSize: 25, windowSeconds: 0.3 });
  for (let i = 0; i < 20; i++) queue.put(String(i));
  source.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  queue.put('late');
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches().map((batch) => batch.length)).toEqual([21]);
});

test('keeps what the function says has failed', async () => {
  const answer = `return { batchItemFailures: Records.filter((one) => one.body === 'bad')
    .map((one) => ({ itemIdentifier: one.messageId })) };`;
  const { queue, source } = feed(answer);
  for (const body of ['good', 'bad', 'fine']) queue.put(body);
  source.start();
  await expect.poll(() => [...queue.hidden.values()].map((message) => message.body)).toEqual(['bad']);
});

test.each([
  ['fails', 'throw new Error("no");', {}],
  ['names a message that was not in the batch', 'return { batchItemFailures: [{ itemIdentifier: "x" }] };', {}],
  ['answers nonsense', 'return { batchItemFailures: "all" };', {}],
])('keeps the whole batch when the function %s', async (_, answer, settings) => {
  const { queue, source, batches } = feed(answer, settings);
  queue.put('a');
  queue.put('b');
  source.start();
  await expect.poll(() => batches().length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(queue.hidden.size).toBe(2);
});

test('without ReportBatchItemFailures an answer is a success, whatever it says', async () => {
  const { queue, source } = feed('return { batchItemFailures: [{ itemIdentifier: Records[0].messageId }] };', {
    reportsItemFailures: false,
  });
  queue.put('a');
  source.start();
  await expect.poll(() => source.idle()).toBe(true);
});

test('deletes unseen what no filter wants', async () => {
  const { queue, source, batches } = feed('', { filters: [compilePattern({ body: { kind: ['wanted'] } })] });
  for (const body of ['{"kind":"wanted"}', '{"kind":"other"}', 'text']) queue.put(body);
  source.start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches().flat()).toEqual(['{"kind":"wanted"}']);
});
