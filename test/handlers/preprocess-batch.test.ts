import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EndpointUnavailable } from '../../lambdas/aws/endpoint-unavailable.ts';
import { ModelRefused } from '../../lambdas/aws/model-refused.ts';
import { UnreadableReading } from '../../lambdas/aws/unreadable-reading.ts';
import { s3Event, sqsEvent, sqsRecord } from '../fakes/events.ts';
import { key, none, preprocessWorld } from '../fakes/preprocess-world.ts';

describe('a batch', () => {
  it('puts back only the images that the endpoint did not answer for', async () => {
    const { bucket, endpoint, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    bucket.put(key('A02.tif'), 'x');
    endpoint.failure = new Error('ThrottlingException');
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(readings.items.get(key('A02.tif'))?.status).toBe('rejected');
  });

  it('puts back only the image that breaks', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), '!');
    bucket.put(key('A02.tif'), 'f');
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(readings.items.get(key('A02.tif'))?.status).toBe('read');
  });

  it('puts back only the image whose former reading cannot be read, naming it', async () => {
    const { bucket, log, readings, handler } = preprocessWorld();
    for (const name of ['A01.tif', 'A02.tif']) bucket.put(key(name), 'f');
    readings.unreadable.set(key('A01.tif'), new UnreadableReading('s 1/P1', 'c#day7/A01.tif', new z.ZodError([])));
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(readings.items.get(key('A02.tif'))?.status).toBe('read');
    expect(String(log.lines.at(-1)?.facts['error'])).toContain('plateKey s 1/P1, sortKey c#day7/A01.tif');
  });

  it('works on what came for the third time by itself, after the others', async () => {
    const { bucket, endpoint, handler } = preprocessWorld();
    for (const name of ['A01.tif', 'A02.tif', 'A03.tif']) bucket.put(key(name), 'f');
    const Records = [
      sqsRecord('m1', s3Event(key('A01.tif')), 3),
      sqsRecord('m2', s3Event(key('A02.tif'))),
      sqsRecord('m3', s3Event(key('A03.tif'))),
    ];
    expect(await handler({ Records })).toEqual(none);
    expect(endpoint.batches).toEqual([2, 1]);
  });

  it.each([
    ['the endpoint is away for the first', new EndpointUnavailable('asleep'), 1, ['m1', 'm2', 'm3']],
    ['the model refuses the first', new ModelRefused(415, 'no npy', 1, undefined), 3, ['m1']],
  ])('that came for the third time: %s', async (_what, failure, calls, failed) => {
    const { bucket, endpoint, handler } = preprocessWorld();
    const names = ['A01.tif', 'A02.tif', 'A03.tif'];
    for (const name of names) bucket.put(key(name), 'f');
    let asked = 0;
    const read = endpoint.read.bind(endpoint);
    endpoint.read = async (inputs) => {
      asked += 1;
      if (asked === 1) throw failure;
      return read(inputs);
    };
    const event = sqsEvent(
      names.map((name) => s3Event(key(name))),
      3,
    );
    expect(await handler(event)).toEqual({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) });
    expect(asked).toBe(calls);
  });

  it('leaves what came for the third time alone when the endpoint was away for the others', async () => {
    const { bucket, endpoint, handler } = preprocessWorld();
    for (const name of ['A01.tif', 'A02.tif']) bucket.put(key(name), 'f');
    let asked = 0;
    endpoint.read = async () => {
      asked += 1;
      throw new EndpointUnavailable('asleep');
    };
    const Records = [sqsRecord('m1', s3Event(key('A01.tif')), 3), sqsRecord('m2', s3Event(key('A02.tif')))];
    const { batchItemFailures } = await handler({ Records });
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['m1', 'm2']);
    expect(asked).toBe(1);
  });

  it('stops before the function is killed, and puts back what it did not begin', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    const names = ['A01.tif', 'A02.tif', 'A03.tif'];
    for (const name of names) bucket.put(key(name), 'f');
    const event = sqsEvent(
      names.map((name) => s3Event(key(name))),
      3,
    );
    const answer = await handler(event, () => 120_000 - 40_000 * readings.items.size);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm3' }] });
    expect(readings.items.size).toBe(2);
  });

  it('puts back only the images of a study whose notes cannot be looked at', async () => {
    const { bucket, handler } = preprocessWorld();
    bucket.put('exports/s2/P1/A01.tif', 'f');
    bucket.put(key('A01.tif'), 'f');
    const head = bucket.head.bind(bucket);
    bucket.head = async (name) => {
      if (name === 'exports/s2/study.json') throw new Error('503 SlowDown');
      return head(name);
    };
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event('exports/s2/P1/A01.tif')]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
  });

  it('of more images than one call carries asks the model as often as it must', async () => {
    const { bucket, endpoint, readings, handler } = preprocessWorld();
    const names = Array.from({ length: 95 }, (_, index) => `A${index}.png`);
    for (const name of names) bucket.put(key(name), 'f');
    expect(await handler(sqsEvent(names.map((name) => s3Event(key(name)))))).toEqual(none);
    expect(endpoint.batches).toEqual([90, 5]);
    expect(readings.items.get(key('A94.png'))?.viability).toBe(102 / 255);
  });

  it('tolerates S3’s test event, thumbnails and files that are none of ours', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01_thumb.tif'), 'f');
    bucket.put(key('Thumbs.db'), 'f');
    const events = [
      { Service: 'Amazon S3', Event: 's3:TestEvent' },
      s3Event(key('A01_thumb.tif')),
      s3Event(key('Thumbs.db')),
    ];
    expect(await handler(sqsEvent(events))).toEqual(none);
    expect(readings.items.size).toBe(0);
  });

  it('puts back what it cannot understand, and says so', async () => {
    const { log, handler } = preprocessWorld();
    expect(await handler(sqsEvent(['{"kind":"other"}', 'no json']))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
    });
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it('reads names with spaces, plus signs and letters beyond ASCII', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    for (const name of ['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg']) bucket.put(key(name), 'f');
    await handler(sqsEvent(['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg'].map((name) => s3Event(key(name)))));
    expect([...readings.items.keys()].sort()).toEqual(['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg'].map(key).sort());
  });
});

describe('notes', () => {
  it('that came ask for their study once, and study.json for a look at bit depths', async () => {
    const { scoring, sweeps, handler } = preprocessWorld();
    await handler(
      sqsEvent([
        s3Event('exports/s1/P1/platemap.csv'),
        s3Event('exports/s1/study.json'),
        s3Event('exports/s2/P1/platemap.csv'),
      ]),
    );
    expect(scoring.requested).toEqual(['s1', 's2']);
    expect(sweeps.sent).toEqual([{ kind: 'sweep-study', study: 's1', notesOnly: true }]);
  });

  it.each(['exclusions.csv', 'lock.json'])('such as %s ask for their study, and read no image again', async (file) => {
    const { scoring, sweeps, handler } = preprocessWorld();
    await handler(sqsEvent([s3Event(`exports/s1/${file}`)]));
    expect(scoring.requested).toEqual(['s1']);
    expect(sweeps.sent).toEqual([]);
  });

  it('come again when their study could not be asked for', async () => {
    const { scoring, handler } = preprocessWorld();
    scoring.refuses = 's1';
    const event = sqsEvent([s3Event('exports/s1/study.json'), s3Event('exports/s2/study.json')]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});
