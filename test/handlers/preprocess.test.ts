import { describe, expect, it } from 'vitest';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import type { Imaging } from '../../lambdas/preprocess/look.ts';
import { makeHandler } from '../../lambdas/preprocess/preprocess.ts';
import { s3Event, sqsEvent, sqsRecord } from '../fakes/events.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings } from '../fakes/fake-tables.ts';
import { FakeEndpoint, FakeLog, FakeQueue, FakeScoringQueue, fixedNow } from '../fakes/fakes.ts';

const quality = {
  focus: 1,
  exposure: { background: 0.7, saturatedFraction: 0, blackFraction: 0 },
  spheroid: { found: true },
  flags: [],
};

/** Takes a file of one byte as an image of that gray value; `x` is corrupt, `!` kills. */
const imaging: Imaging = {
  version: '1',
  maxBytes: 1000,
  async prepare(content, { declaredBitDepth }) {
    const text = new TextDecoder().decode(content);
    if (text.startsWith('x'))
      return { rejection: { code: 'corrupt', reason: 'the file is cut', remedy: 'export again' } };
    if (text.startsWith('!')) throw new Error('out of memory');
    return {
      input: new Uint8Array(65_536).fill(content[0] ?? 0),
      image: {
        format: 'tiff',
        width: 10,
        height: 10,
        bitDepth: declaredBitDepth ?? 8,
        bitDepthSource: declaredBitDepth === undefined ? 'file' : 'study',
        pages: 1,
      },
      quality,
      sha256: `sha-${text}`,
    };
  },
};

function world() {
  const bucket = new FakeBucket();
  const readings = new FakeReadings();
  const endpoint = new FakeEndpoint();
  const scoring = new FakeScoringQueue();
  const sweeps = new FakeQueue<SweepMessage>();
  const log = new FakeLog();
  const handler = makeHandler({
    bucket,
    readings,
    endpoint,
    scoring,
    sweeps,
    imaging,
    log,
    concurrency: 4,
    now: fixedNow,
  });
  return { bucket, readings, endpoint, scoring, sweeps, log, handler };
}

const key = (name: string) => `exports/s 1/P1/day7/${name}`;
const none = { batchItemFailures: [] };

describe('an image', () => {
  it('becomes a reading with its version, facts, quality, viability and model', async () => {
    const { bucket, readings, handler } = world();
    const version = bucket.put(key('A01.tif'), 'f');
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({
      study: 's 1',
      plate: 'P1',
      path: 'day7/A01.tif',
      status: 'read',
      revision: 1,
      versionId: version.versionId,
      etag: version.etag,
      viability: 102 / 255,
      model: { name: 'nvir', variant: 'int8' },
      quality,
    });
  });

  it('of one batch travels with the others in one call', async () => {
    const { bucket, endpoint, readings, handler } = world();
    const names = Array.from({ length: 32 }, (_, index) => `A${index}.png`);
    for (const [index, name] of names.entries()) bucket.put(key(name), String.fromCharCode(35 + index));
    expect(await handler(sqsEvent(names.map((name) => s3Event(key(name)))))).toEqual(none);
    expect(endpoint.batches).toEqual([32]);
    expect(readings.items.get(key('A3.png'))?.viability).toBe(38 / 255);
  });

  it('is read once when its event comes three times, in one batch or later', async () => {
    const { bucket, readings, endpoint, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    const event = s3Event(key('A01.tif'));
    await handler(sqsEvent([event, event]));
    await handler(sqsEvent([event]));
    expect(endpoint.batches).toEqual([1]);
    expect(readings.items.get(key('A01.tif'))?.revision).toBe(1);
  });

  it('uploaded again is a new revision, and the old one is kept', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.put(key('A01.tif'), 'g');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ revision: 2, viability: 103 / 255 });
    expect(readings.former).toMatchObject([{ revision: 1, viability: 102 / 255 }]);
  });

  it('that is no image is a rejected reading with its reason, and no failure', async () => {
    const { bucket, readings, endpoint, handler } = world();
    bucket.put(key('A01.tif'), 'x');
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({
      status: 'rejected',
      rejection: { code: 'corrupt', remedy: 'export again' },
    });
    expect(endpoint.batches).toEqual([]);
  });

  it('beyond the size limit is rejected unread', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f'.repeat(1001));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))?.rejection?.code).toBe('too-large');
  });

  it('that went leaves a reading that says so; its late event does not bring it back', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.remove(key('A01.tif'));
    await handler(sqsEvent([s3Event(key('A01.tif'), 'ObjectRemoved:DeleteMarkerCreated')]));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    const reading = readings.items.get(key('A01.tif'));
    expect(reading).toMatchObject({ status: 'deleted', revision: 2 });
    expect(reading).not.toHaveProperty('viability');
  });

  it('that came back is read again', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.remove(key('A01.tif'));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ status: 'read', revision: 3 });
  });

  it('that moves on while it is read is read again', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    let changed = false;
    readings.beforeKeep = () => {
      if (!changed) bucket.put(key('A01.tif'), 'g');
      changed = true;
    };
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ revision: 2, viability: 103 / 255 });
  });

  it('that somebody else reads at the same time is looked at again', async () => {
    const { bucket, readings, log, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    readings.beforeKeep = (next) => {
      if (readings.items.size === 0) readings.set({ ...next, revision: 1 });
    };
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))?.revision).toBe(1);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('asked for again by the sweep is looked at like any other', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([{ kind: 'recheck', key: key('A01.tif') }]));
    expect(readings.items.get(key('A01.tif'))?.status).toBe('read');
  });

  it('is read under the bit depth that study.json declares, again when that is corrected', async () => {
    const { bucket, readings, handler } = world();
    bucket.put('exports/s 1/study.json', JSON.stringify(notes({ bitDepth: 12 })));
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, image: { bitDepth: 12 } });
    bucket.put('exports/s 1/study.json', JSON.stringify(notes({ bitDepth: 10 })));
    await handler(sqsEvent([{ kind: 'recheck', key: key('A01.tif') }]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 10, revision: 2 });
  });

  it('is read again at once when study.json changes while it is read', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    readings.beforeKeep = ({ revision }) => {
      if (revision === 1) bucket.put('exports/s 1/study.json', JSON.stringify(notes({ bitDepth: 12 })));
    };
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, revision: 2 });
  });
});

describe('a batch', () => {
  it('puts back only the images that the endpoint did not answer for', async () => {
    const { bucket, endpoint, readings, handler } = world();
    bucket.put(key('A01.tif'), 'f');
    bucket.put(key('A02.tif'), 'x');
    endpoint.failure = new Error('ThrottlingException');
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(readings.items.get(key('A02.tif'))?.status).toBe('rejected');
  });

  it('puts back only the image that breaks', async () => {
    const { bucket, readings, handler } = world();
    bucket.put(key('A01.tif'), '!');
    bucket.put(key('A02.tif'), 'f');
    const event = sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(readings.items.get(key('A02.tif'))?.status).toBe('read');
  });

  it('works on what came for the third time by itself, after the others', async () => {
    const { bucket, endpoint, handler } = world();
    for (const name of ['A01.tif', 'A02.tif', 'A03.tif']) bucket.put(key(name), 'f');
    const Records = [
      sqsRecord('m1', s3Event(key('A01.tif')), 3),
      sqsRecord('m2', s3Event(key('A02.tif'))),
      sqsRecord('m3', s3Event(key('A03.tif'))),
    ];
    expect(await handler({ Records })).toEqual(none);
    expect(endpoint.batches).toEqual([2, 1]);
  });

  it('tolerates S3’s test event, thumbnails and files that are none of ours', async () => {
    const { bucket, readings, handler } = world();
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
    const { log, handler } = world();
    expect(await handler(sqsEvent(['{"kind":"other"}', 'no json']))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
    });
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it('reads names with spaces, plus signs and letters beyond ASCII', async () => {
    const { bucket, readings, handler } = world();
    for (const name of ['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg']) bucket.put(key(name), 'f');
    await handler(sqsEvent(['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg'].map((name) => s3Event(key(name)))));
    expect([...readings.items.keys()].sort()).toEqual(['A 01+2.tif', 'Zürich_B02.png', '50%_C03.jpg'].map(key).sort());
  });
});

describe('notes', () => {
  it('that came ask for their study once, and study.json for a look at bit depths', async () => {
    const { scoring, sweeps, handler } = world();
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

  it('come again when their study could not be asked for', async () => {
    const { scoring, handler } = world();
    scoring.refuses = 's1';
    const event = sqsEvent([s3Event('exports/s1/study.json'), s3Event('exports/s2/study.json')]);
    expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});

const notes = (more: object) => ({
  location: 'north',
  microscope: 'scope',
  cellModel: 'hepg2',
  firstDosing: '2026-03-02T09:00:00+01:00',
  ...more,
});
