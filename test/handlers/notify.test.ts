import type { DynamoDBStreamEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { makeHandler } from '../../lambdas/notify/notify.ts';
import { FakeLog, FakeScoringQueue } from '../fakes/fakes.ts';

const stream = (plateKeys: readonly string[]): DynamoDBStreamEvent => ({
  Records: plateKeys.map((plateKey, index) => ({
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: String(index + 1),
      Keys: { plateKey: { S: plateKey }, sortKey: { S: `c#day7/${index}.png` } },
    },
  })),
});

it('asks once for each study of the batch', async () => {
  const scoring = new FakeScoringQueue();
  const handler = makeHandler({ scoring, log: new FakeLog() });
  expect(await handler(stream(['s1/P1', 's2/P1', 's1/P2', 's1/P1']))).toEqual({ batchItemFailures: [] });
  expect(scoring.requested).toEqual(['s1', 's2']);
});

it('asks for nothing because of history', async () => {
  const scoring = new FakeScoringQueue();
  const log = new FakeLog();
  const event = stream(['s1/P1']);
  const keys = event.Records[0]?.dynamodb?.Keys;
  if (keys) keys['sortKey'] = { S: 'h#day7/0.png#00000001' };
  expect(await makeHandler({ scoring, log })(event)).toEqual({ batchItemFailures: [] });
  expect(scoring.requested).toEqual([]);
  expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
});

it('lets Lambda come back from the first record whose study could not be asked for', async () => {
  const scoring = new FakeScoringQueue();
  scoring.refuses = 's2';
  const handler = makeHandler({ scoring, log: new FakeLog() });
  expect(await handler(stream(['s1/P1', 's1/P2', 's2/P1', 's3/P1']))).toEqual({
    batchItemFailures: [{ itemIdentifier: '3' }],
  });
  expect(scoring.requested).toEqual(['s1']);
});
