import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../local/clock.ts';
import { Deliveries } from '../../../local/disorder.ts';
import { compilePattern } from '../../../local/events/pattern.ts';
import { KeptText } from '../../../local/kept-text.ts';
import { StreamSource, type StreamSourceSettings } from '../../../local/lambda/stream-source.ts';
import { FakeStream, functionOf, temporaryDir } from './fakes.ts';

/** Feeds the function from a fake stream; the function notes the keys of every batch that it saw in a file. */
function feed(answer: string, settings: Partial<StreamSourceSettings> = {}) {
  const directory = temporaryDir();
  const seen = join(directory, 'seen');
  const { lambda } = functionOf(
    `const { appendFileSync } = require('node:fs');
     exports.handler = async ({ Records }) => {
       const keys = Records.map((one) => one.dynamodb.Keys.sortKey.S);
       appendFileSync(process.env.SEEN, keys.join(' ') + '\\n');
       ${answer}
     };`,
    { environment: { SEEN: seen } },
  );
  const stream = new FakeStream();
  const givenUp: { DDBStreamBatchInfo: { batchSize: number }; requestContext: { condition: string } }[] = [];
  const start = async () => {
    const source = new StreamSource(
      lambda,
      {
        tableName: 't',
        streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x',
        startAtHorizon: true,
        batchSize: 100,
        windowSeconds: 0,
        bisects: false,
        reportsItemFailures: false,
        maximumRetryAttempts: 2,
        maximumRecordAgeSeconds: undefined,
        filters: [],
        onFailure: async (body) => void givenUp.push(JSON.parse(body)),
        ...settings,
      },
      stream.service(),
      new KeptText(join(directory, 'checkpoint')),
      new Deliveries(undefined, () => {}),
      createClock(100),
      () => {},
    );
    onTestFinished(() => source.stop());
    await source.start();
    return source;
  };
  const batches = () => (existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []);
  return { stream, start, batches, givenUp };
}

test('delivers in order what the filter wants, once', async () => {
  const filters = [compilePattern({ dynamodb: { Keys: { sortKey: { S: [{ prefix: 'c#' }] } } } })];
  const { stream, start, batches } = feed('', { filters });
  stream.put('c#a', 'h#a', 'c#b');
  const source = await start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches()).toEqual(['c#a c#b']);
});

test('goes on where it stopped', async () => {
  const { stream, start, batches } = feed('');
  stream.put('a');
  const first = await start();
  await expect.poll(() => first.idle()).toBe(true);
  await first.stop();
  stream.put('b');
  const second = await start();
  await expect.poll(() => second.idle()).toBe(true);
  expect(batches()).toEqual(['a', 'b']);
});

test('starts at the end of the stream when told LATEST', async () => {
  const { stream, start, batches } = feed('', { startAtHorizon: false });
  stream.put('old');
  const source = await start();
  stream.put('new');
  await expect.poll(() => batches()).toEqual(['new']);
  await expect.poll(() => source.idle()).toBe(true);
});

test('gives up after the allowed retries, tells the failure destination, and goes on', async () => {
  const { stream, start, batches, givenUp } = feed('if (keys.includes("bad")) throw new Error("no");');
  stream.put('bad', 'x');
  const source = await start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches()).toEqual(['bad x', 'bad x', 'bad x']);
  expect(givenUp).toMatchObject([
    { requestContext: { condition: 'RetryAttemptsExhausted' }, DDBStreamBatchInfo: { batchSize: 2 } },
  ]);
  stream.put('after');
  await expect.poll(() => batches().at(-1)).toBe('after');
});

test('bisects until the bad record is alone', async () => {
  const { stream, start, batches, givenUp } = feed('if (keys.includes("bad")) throw new Error("no");', {
    bisects: true,
    maximumRetryAttempts: 1,
  });
  stream.put('a', 'b', 'bad', 'c');
  const source = await start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches()).toEqual(['a b bad c', 'a b', 'bad c', 'bad', 'bad', 'c']);
  expect(givenUp).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 1 } }]);
});

test('goes on from the item that the function says has failed', async () => {
  const answer = `
    const failed = Records.find((one) => one.dynamodb.Keys.sortKey.S === 'later' && !globalThis.tried);
    globalThis.tried = true;
    return { batchItemFailures: failed ? [{ itemIdentifier: failed.dynamodb.SequenceNumber }] : [] };`;
  const { stream, start, batches } = feed(answer, { reportsItemFailures: true });
  stream.put('a', 'later', 'c');
  const source = await start();
  await expect.poll(() => source.idle()).toBe(true);
  expect(batches()).toEqual(['a later c', 'later c']);
});
