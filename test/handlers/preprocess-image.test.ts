import { describe, expect, it } from 'vitest';
import { s3Event, sqsEvent } from '../fakes/events.ts';
import { fakeModel } from '../fakes/fakes.ts';
import { key, none, preprocessWorld, quality } from '../fakes/preprocess-world.ts';
import { studyNotes } from '../fakes/readings.ts';

describe('an image', () => {
  it('becomes a reading with its version, facts, quality, viability and model', async () => {
    const { bucket, readings, handler } = preprocessWorld();
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

  it('carries its interval, what its domain shares of it, and its distance, and is flagged beyond the model’s domain', async () => {
    const { bucket, endpoint, readings, handler } = preprocessWorld();
    endpoint.calibrated = true;
    const grays = { 'A01.tif': 'd', 'A02.tif': 'e' };
    for (const [name, gray] of Object.entries(grays)) bucket.put(key(name), gray);
    await handler(sqsEvent(Object.keys(grays).map((name) => s3Event(key(name)))));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({
      halfWidth90: 0.1,
      domainDistance: 1,
      sharedHalfWidth90: 0.05,
      quality,
    });
    expect(readings.items.get(key('A02.tif'))).toMatchObject({
      halfWidth90: 0.101,
      domainDistance: 1.01,
      quality: { ...quality, flags: ['outOfDomain'] },
    });
  });

  it('has none of them when the model was not calibrated', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    for (const name of ['halfWidth90', 'domainDistance', 'sharedHalfWidth90'])
      expect(readings.items.get(key('A01.tif'))).not.toHaveProperty(name);
  });

  it('of one batch travels with the others in one call', async () => {
    const { bucket, endpoint, readings, handler } = preprocessWorld();
    const names = Array.from({ length: 32 }, (_, index) => `A${index}.png`);
    for (const [index, name] of names.entries()) bucket.put(key(name), String.fromCharCode(35 + index));
    expect(await handler(sqsEvent(names.map((name) => s3Event(key(name)))))).toEqual(none);
    expect(endpoint.batches).toEqual([32]);
    expect(readings.items.get(key('A3.png'))?.viability).toBe(38 / 255);
  });

  it('is read once when its event comes three times, in one batch or later', async () => {
    const { bucket, readings, endpoint, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    const event = s3Event(key('A01.tif'));
    await handler(sqsEvent([event, event]));
    await handler(sqsEvent([event]));
    expect(endpoint.batches).toEqual([1]);
    expect(readings.items.get(key('A01.tif'))?.revision).toBe(1);
  });

  it('is read again where another model is asked for than read it, once for however many messages', async () => {
    const { bucket, readings, endpoint, handler } = preprocessWorld();
    const model = { ...fakeModel, version: 'of today' };
    bucket.put(key('A01.tif'), 'f');
    bucket.put(key('A02.tif'), 'x');
    await handler(sqsEvent([s3Event(key('A01.tif')), s3Event(key('A02.tif'))]));
    const asked = ['A01.tif', 'A02.tif'].map((name) => ({ kind: 'recheck', key: key(name), model: fakeModel }));
    await handler(sqsEvent(asked));
    expect(endpoint.batches).toEqual([1]);
    endpoint.model = model;
    const next = asked.map((message) => ({ ...message, model }));
    await handler(sqsEvent([...next, ...asked.map(({ kind, key: name }) => ({ kind, key: name }))]));
    await handler(sqsEvent(next));
    expect(endpoint.batches).toEqual([1, 1]);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ revision: 2, model });
    expect(readings.items.get(key('A02.tif'))).toMatchObject({ revision: 1, status: 'rejected' });
  });

  describe('that was read before a deployment', () => {
    const today = { ...fakeModel, version: 'of today' };
    const recheck = (more: object) => sqsEvent([{ kind: 'recheck', key: key('A01.tif'), ...more }]);

    async function worldAfterDeployment(content = 'f') {
      const world = preprocessWorld();
      world.bucket.put(key('A01.tif'), content);
      await world.handler(sqsEvent([s3Event(key('A01.tif'))]));
      for (const reading of [...world.readings.items.values()])
        world.readings.set({ ...reading, preprocessingVersion: '0' });
      world.endpoint.model = today;
      const stands = () => world.readings.items.get(key('A01.tif'));
      const kept = () => world.log.lines.filter(({ message }) => message === 'the former reading stands');
      return { ...world, stands, kept };
    }

    it.each([
      ['read', 'f'],
      ['rejected', 'x'],
    ])('stands as it was %s when its event comes late or is redriven', async (status, content) => {
      const { endpoint, handler, stands } = await worldAfterDeployment(content);
      const asked = endpoint.batches.length;
      expect(await handler(sqsEvent([s3Event(key('A01.tif')), { kind: 'recheck', key: key('A01.tif') }]))).toEqual(
        none,
      );
      expect(stands()).toMatchObject({ status, revision: 1, preprocessingVersion: '0' });
      expect(endpoint.batches).toHaveLength(asked);
    });

    it('is read by those who answer today once somebody asks for them, once for however many messages', async () => {
      const { endpoint, handler, stands } = await worldAfterDeployment();
      for (let copy = 0; copy < 3; copy += 1) await handler(recheck({ model: today, preprocessingVersion: '1' }));
      expect(stands()).toMatchObject({ revision: 2, model: today, preprocessingVersion: '1' });
      expect(endpoint.batches).toEqual([1, 1]);
    });

    it('is prepared anew on request though its model is the one that answers, and may be read where it was rejected', async () => {
      const { handler, readings, stands } = await worldAfterDeployment();
      const ask = () => handler(recheck({ model: today, preprocessingVersion: '1' }));
      const { viability: _viability, model: _model, ...facts } = stands() ?? expect.fail();
      readings.set({ ...facts, status: 'rejected' });
      await handler(sqsEvent([s3Event(key('A01.tif'))]));
      expect(stands()).toMatchObject({ revision: 1, status: 'rejected' });
      await ask();
      expect(stands()).toMatchObject({ revision: 2, status: 'read', model: today, preprocessingVersion: '1' });
      readings.set({ ...(stands() ?? expect.fail()), preprocessingVersion: '0' });
      await ask();
      expect(stands()).toMatchObject({ revision: 3, model: today, preprocessingVersion: '1' });
    });

    it('stands, and the log says so, where another model answers than the message asks for', async () => {
      const { handler, kept, readings, stands } = await worldAfterDeployment();
      const model = { ...fakeModel, version: 'of yesterday' };
      for (let copy = 0; copy < 3; copy += 1) await handler(recheck({ model, preprocessingVersion: '1' }));
      await handler(recheck({ model }));
      expect(stands()).toMatchObject({ revision: 1, model: fakeModel, preprocessingVersion: '0' });
      expect(kept()).toHaveLength(4);
      expect(kept()[0]?.facts).toMatchObject({ key: key('A01.tif'), answering: today });
      expect(readings.former).toEqual([]);
    });

    it('stands, without a question to the model, where its preprocessing is asked for by a version that is gone', async () => {
      const { endpoint, handler, kept, stands } = await worldAfterDeployment();
      expect(await handler(recheck({ model: today, preprocessingVersion: 'next' }))).toEqual(none);
      expect(stands()).toMatchObject({ revision: 1 });
      expect([endpoint.batches, kept().length]).toEqual([[1], 1]);
    });

    it('follows the one of several messages that can be followed, in whatever order', async () => {
      for (const reverse of [false, true]) {
        const { handler, stands } = await worldAfterDeployment();
        const gone = { ...fakeModel, version: 'of yesterday' };
        const messages = [gone, today].map((model) => ({
          ...{ kind: 'recheck', key: key('A01.tif') },
          ...{ model, preprocessingVersion: '1' },
        }));
        await handler(sqsEvent(reverse ? messages.toReversed() : messages));
        await handler(sqsEvent(messages));
        expect(stands()).toMatchObject({ revision: 2, model: today });
      }
    });

    it.each([
      ['was uploaded again', key('A01.tif'), 'g'],
      ['has another bit depth', 'exports/s 1/study.json', studyNotes({ bitDepth: 12 })],
    ])('is read by whoever answers where it %s, whomever the message names', async (_what, name, content) => {
      const { bucket, handler, stands } = await worldAfterDeployment();
      bucket.put(name, content);
      await handler(recheck({ model: { ...fakeModel, version: 'of yesterday' }, preprocessingVersion: '1' }));
      expect(stands()).toMatchObject({ revision: 2, model: today, preprocessingVersion: '1' });
    });
  });

  it('uploaded again is a new revision, and the old one is kept', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.put(key('A01.tif'), 'g');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ revision: 2, viability: 103 / 255 });
    expect(readings.former).toMatchObject([{ revision: 1, viability: 102 / 255 }]);
  });

  it('that is no image is a rejected reading with its reason, and no failure', async () => {
    const { bucket, readings, endpoint, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'x');
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({
      status: 'rejected',
      rejection: { code: 'corrupt', remedy: 'export again' },
    });
    expect(endpoint.batches).toEqual([]);
  });

  it('beyond the size limit is rejected unread', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f'.repeat(1001));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))?.rejection?.code).toBe('too-large');
  });

  it('that went leaves a reading that says so; its late event does not bring it back', async () => {
    const { bucket, endpoint, readings, handler } = preprocessWorld();
    endpoint.calibrated = true;
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.remove(key('A01.tif'));
    await handler(sqsEvent([s3Event(key('A01.tif'), 'ObjectRemoved:DeleteMarkerCreated')]));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    const reading = readings.items.get(key('A01.tif'));
    expect(reading).toMatchObject({ status: 'deleted', revision: 2 });
    for (const name of ['viability', 'halfWidth90', 'domainDistance', 'sharedHalfWidth90', 'quality'])
      expect(reading).not.toHaveProperty(name);
  });

  it('that came back is read again', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.remove(key('A01.tif'));
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ status: 'read', revision: 3 });
  });

  it('that moves on while it is read is read again', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    let changed = false;
    readings.beforeKeep = () => {
      if (!changed) bucket.put(key('A01.tif'), 'g');
      changed = true;
    };
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ revision: 2, viability: 103 / 255 });
  });

  it('that goes while it is read does not come back', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    readings.beforeKeep = ({ revision }) => {
      if (revision === 1) bucket.remove(key('A01.tif'));
    };
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ status: 'deleted', revision: 2 });
  });

  it('that comes back while its removal is written is read', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.remove(key('A01.tif'));
    readings.beforeKeep = ({ status }) => {
      if (status === 'deleted') bucket.put(key('A01.tif'), 'g');
    };
    expect(await handler(sqsEvent([s3Event(key('A01.tif'), 'ObjectRemoved:DeleteMarkerCreated')]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ status: 'read', revision: 3, viability: 103 / 255 });
  });

  it('that somebody else reads at the same time is looked at again', async () => {
    const { bucket, readings, log, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    readings.beforeKeep = (next) => {
      if (readings.items.size === 0) readings.set({ ...next, revision: 1 });
    };
    expect(await handler(sqsEvent([s3Event(key('A01.tif'))]))).toEqual(none);
    expect(readings.items.get(key('A01.tif'))?.revision).toBe(1);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('asked for again by the sweep is looked at like any other', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([{ kind: 'recheck', key: key('A01.tif') }]));
    expect(readings.items.get(key('A01.tif'))?.status).toBe('read');
  });

  it('is read under the bit depth that study.json declares, again when that is corrected', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put('exports/s 1/study.json', studyNotes({ bitDepth: 12 }));
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, image: { bitDepth: 12 } });
    bucket.put('exports/s 1/study.json', studyNotes({ bitDepth: 10 }));
    await handler(sqsEvent([{ kind: 'recheck', key: key('A01.tif') }]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 10, revision: 2 });
  });

  it('keeps the bit depth that it was read under while study.json cannot be read', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put('exports/s 1/study.json', studyNotes({ bitDepth: 12 }));
    bucket.put(key('A01.tif'), 'f');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    bucket.put('exports/s 1/study.json', '{');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, revision: 1 });
    bucket.put(key('A01.tif'), 'g');
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, revision: 2 });
  });

  it('is read again at once when study.json changes while it is read', async () => {
    const { bucket, readings, handler } = preprocessWorld();
    bucket.put(key('A01.tif'), 'f');
    readings.beforeKeep = ({ revision }) => {
      if (revision === 1) bucket.put('exports/s 1/study.json', studyNotes({ bitDepth: 12 }));
    };
    await handler(sqsEvent([s3Event(key('A01.tif'))]));
    expect(readings.items.get(key('A01.tif'))).toMatchObject({ declaredBitDepth: 12, revision: 2 });
  });
});
