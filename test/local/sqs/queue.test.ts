import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClock } from '../../../local/clock.ts';
import type { QueueSettings } from '../../../local/contract.ts';
import { Queue } from '../../../local/sqs/queue.ts';
import { temporaryDir } from '../engine/fakes.ts';

const SETTINGS: QueueSettings = {
  fifo: false,
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 1_000,
};

function open(settings: Partial<QueueSettings> = {}, directory = temporaryDir(), givenUp: string[] = []) {
  return new Queue(
    'q',
    'arn:q',
    { ...SETTINGS, ...settings },
    createClock(1),
    join(directory, 'q.journal'),
    (message) => {
      givenUp.push(message.body);
      return true;
    },
  );
}

const bodies = async (queue: Queue, max = 10) => (await queue.receive(max, 0)).map(({ message }) => message.body);

describe('a standard queue', () => {
  test('hides what is received, deletes by receipt, shows again when the visibility ends', async () => {
    const queue = open({ visibilityTimeoutSeconds: 0.05 });
    queue.send({ body: 'a' });
    queue.send({ body: 'b' });
    const [first] = await queue.receive(1, 0);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
    queue.remove(first?.receiptHandle ?? '');
    expect(await bodies(queue)).toEqual(['b']);
    expect(await bodies(queue)).toEqual([]);
    await expect.poll(() => queue.depth().visible).toBe(1);
    const [again] = await queue.receive(1, 0);
    expect(again?.message.receiveCount).toBe(2);
  });

  test('gives up what was received too often', async () => {
    const givenUp: string[] = [];
    const queue = open({ redrive: { deadLetterQueueName: 'd', maxReceiveCount: 2 } }, temporaryDir(), givenUp);
    queue.send({ body: 'poison' });
    for (let i = 0; i < 2; i++) {
      const [one] = await queue.receive(1, 0);
      queue.changeVisibility(one?.receiptHandle ?? '', 0);
    }
    expect(await bodies(queue)).toEqual([]);
    expect(givenUp).toEqual(['poison']);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('holds a delayed message back, and wakes who waits when it is due', async () => {
    const queue = open();
    queue.send({ body: 'later', delaySeconds: 0.1 });
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    const started = performance.now();
    expect((await queue.receive(1, 2_000)).map(({ message }) => message.body)).toEqual(['later']);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('a FIFO queue', () => {
  const fifo = (directory?: string) => open({ fifo: true }, directory);
  let next = 0;
  const send = (queue: Queue, groupId: string, body: string, deduplicationId = `d${next++}`) =>
    queue.send({ body, groupId, deduplicationId });

  test('gives a group in order, and nothing more of it until that is done', async () => {
    const queue = fifo();
    for (const body of ['a1', 'a2', 'a3']) send(queue, 'a', body);
    send(queue, 'b', 'b1');
    const first = await queue.receive(2, 0);
    expect(first.map(({ message }) => message.body)).toEqual(['a1', 'a2']);
    expect(await bodies(queue)).toEqual(['b1']);
    queue.remove(first[0]?.receiptHandle ?? '');
    expect(await bodies(queue)).toEqual([]);
    queue.remove(first[1]?.receiptHandle ?? '');
    expect(await bodies(queue)).toEqual(['a3']);
  });

  test('puts what comes back before what was sent later', async () => {
    const queue = fifo();
    for (const body of ['a1', 'a2', 'a3']) send(queue, 'a', body);
    for (const one of await queue.receive(2, 0)) queue.changeVisibility(one.receiptHandle, 0);
    expect(await bodies(queue)).toEqual(['a1', 'a2', 'a3']);
  });

  test('takes a deduplication id once, also when the first is done and after a restart', async () => {
    const directory = temporaryDir();
    const queue = fifo(directory);
    const first = send(queue, 'a', 'x', 'same');
    expect(send(queue, 'a', 'x', 'same').id).toBe(first.id);
    send(queue, 'b', 'other group', 'same');
    expect(await bodies(queue)).toEqual(['x', 'other group']);
    queue.close();
    expect(send(fifo(directory), 'a', 'x', 'same').id).toBe(first.id);
  });
});

test('a queue that is opened again shows what was in flight, with its receive count, and not what was deleted', async () => {
  const directory = temporaryDir();
  const queue = open({}, directory);
  for (const body of ['done', 'in flight', 'waiting']) queue.send({ body });
  const [done] = await queue.receive(2, 0);
  queue.remove(done?.receiptHandle ?? '');
  const reopened = open({}, directory);
  const again = await reopened.receive(10, 0);
  expect(again.map(({ message }) => [message.body, message.receiveCount])).toEqual([
    ['in flight', 2],
    ['waiting', 1],
  ]);
});

test('a queue that is closed gives no message to those who waited', async () => {
  const queue = open({ delaySeconds: 0.05 });
  queue.send({ body: 'late' });
  const waiting = queue.receive(1, 1_000);
  queue.close();
  expect(await waiting).toEqual([]);
});
