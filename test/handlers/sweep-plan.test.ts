import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UnreadableReading } from '../../lambdas/aws/unreadable-reading.ts';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/version.ts';
import { sqsEvent } from '../fakes/events.ts';
import { fakeModel } from '../fakes/fakes.ts';
import { plateMap, putReadStudy, studyNotes } from '../fakes/readings.ts';
import { none, plate, removeAll, sweepWorld } from '../fakes/sweep-world.ts';

describe('a plan', () => {
  it('is one message a plate, for the schedule and for the queue', async () => {
    const all = sweepWorld();
    putReadStudy(all, 's1', 'P1');
    putReadStudy(all, 's1', 'P2');
    putReadStudy(all, 's2', 'P1');
    await all.handler({ kind: 'sweep' });
    const expected = [
      { kind: 'sweep-plate', study: 's1', plate: 'P1' },
      { kind: 'sweep-plate', study: 's1', plate: 'P2' },
      { kind: 'sweep-plate', study: 's2', plate: 'P1' },
    ];
    expect(all.sweeps.sent).toEqual(expected);
    await all.handler(sqsEvent([{ kind: 'sweep' }]));
    expect(all.sweeps.sent).toEqual([...expected, ...expected]);
  });

  it('of one study keeps to what its notes changed, where asked', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.handler(sqsEvent([{ kind: 'sweep-study', study: 's1', notesOnly: true }]));
    expect(all.sweeps.sent).toEqual([{ kind: 'sweep-plate', study: 's1', plate: 'P1', notesOnly: true }]);
    expect(all.scoring.requested).toEqual([]);
  });

  it('of a study whose plate reads are read again names to each plate those that others draw in', async () => {
    const all = sweepWorld();
    const model = { ...fakeModel, version: 'of today' };
    const readAgain = { olderPreprocessing: true, otherModel: false, model };
    for (const name of ['P1', 'P2', 'P3']) putReadStudy(all, 's1', name);
    all.bucket.put('exports/s1/study.json', studyNotes({ normalisation: 'vehicle-day' }));
    for (const reading of [...all.readings.items.values()]) {
      const { plate: name } = reading;
      all.readings.set({
        ...{ ...reading, preprocessingVersion: name === 'P1' ? 'older' : PREPROCESSING_VERSION },
        ...(name === 'P3' ? { model } : {}),
      });
    }
    const planned = async (asked: typeof readAgain) => {
      await all.handler(sqsEvent([{ kind: 'sweep-study', study: 's1', readAgain: asked }]));
      return all.sweeps.sent.splice(0);
    };
    const messages = await planned(readAgain);
    expect(messages).toEqual([
      { kind: 'sweep-plate', study: 's1', plate: 'P1', readAgain: { ...readAgain, days: [7] } },
      { kind: 'sweep-plate', study: 's1', plate: 'P2', readAgain: { ...readAgain, days: [7] } },
      { kind: 'sweep-plate', study: 's1', plate: 'P3', readAgain },
    ]);
    await all.handler(sqsEvent(messages));
    const again = (name: string) => all.intake.sent.filter(({ key }) => key.includes(`/${name}/`)).length;
    expect(['P1', 'P2', 'P3'].map(again)).toEqual([6, 6, 0]);
    const both = { ...readAgain, otherModel: true };
    expect(await planned(both)).toEqual(messages.map((message) => ({ ...message, readAgain: both })));
  });

  it('of a study whose plate reads are read again goes on beside a plate with a reading that does not parse', async () => {
    const all = sweepWorld();
    for (const name of ['P1', 'P2']) putReadStudy(all, 's1', name);
    const unreadable = new UnreadableReading('s1/P1', 'c#day7/A01.png', new z.ZodError([]));
    all.readings.unreadable.set('exports/s1/P1/day7/A01.png', unreadable);
    const readAgain = { olderPreprocessing: true, otherModel: false, model: fakeModel };
    const { batchItemFailures } = await all.handler(sqsEvent([{ kind: 'sweep-study', study: 's1', readAgain }]));
    expect(batchItemFailures).toEqual([]);
    expect(all.sweeps.sent).toEqual(
      ['P1', 'P2'].map((name) => ({ kind: 'sweep-plate', study: 's1', plate: name, readAgain })),
    );
  });

  it('names every plate, however many', async () => {
    const all = sweepWorld();
    const plates = Array.from({ length: 1203 }, (_, index) => `P${String(index).padStart(4, '0')}`);
    for (const name of plates) all.bucket.put(`exports/s1/${name}/platemap.csv`, plateMap);
    await all.handler({ kind: 'sweep' });
    expect(all.sweeps.sent.map((message) => 'plate' in message && message.plate)).toEqual(plates);
  });

  it('names plates and studies that only scores still know of', async () => {
    const all = sweepWorld();
    putReadStudy(all, 's1', 'P1');
    putReadStudy(all, 's1', 'P2');
    putReadStudy(all, 's2', 'P1');
    for (const study of ['s1', 's2']) await all.score(study);
    removeAll(all, 'exports/s1/P2/');
    removeAll(all, 'exports/s2/');
    await all.handler({ kind: 'sweep' });
    expect(all.sweeps.sent).toEqual([
      { kind: 'sweep-plate', study: 's1', plate: 'P1' },
      { kind: 'sweep-plate', study: 's1', plate: 'P2' },
      { kind: 'sweep-plate', study: 's2', plate: 'P1' },
    ]);
  });

  it('asks itself for the score of a study without plates', async () => {
    const all = sweepWorld();
    all.bucket.put('exports/s1/study.json', studyNotes());
    await all.score('s1');
    all.bucket.remove('exports/s1/study.json');
    await all.handler({ kind: 'sweep' });
    expect(all.scoring.requested).toEqual(['s1']);
  });
});

describe('a plate whose objects are all gone', () => {
  it('has its readings looked at again and its study scored, until nothing of it is left', async () => {
    const all = sweepWorld();
    putReadStudy(all, 's1', 'P1');
    await all.score('s1');
    removeAll(all, 'exports/s1/');
    await all.handler(plate());
    expect(all.intake.sent).toHaveLength(6);
    expect(all.scoring.requested).toEqual(['s1']);
    for (const { key } of all.intake.sent) {
      const reading = all.readings.items.get(key);
      if (reading) all.readings.set({ ...reading, status: 'deleted' });
    }
    await all.score('s1');
    all.sweeps.sent.length = 0;
    await all.handler({ kind: 'sweep' });
    expect(all.sweeps.sent).toEqual([]);
  });

  it('is no plate, even where it never had an image', async () => {
    const all = sweepWorld();
    all.bucket.put('exports/s1/study.json', studyNotes());
    all.bucket.put('exports/s1/P1/Thumbs.db', 'no image of ours');
    await all.score('s1');
    await all.handler(plate());
    expect(all.scoring.requested).toEqual([]);
    all.bucket.remove('exports/s1/P1/Thumbs.db');
    await all.handler(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });
});

it('puts back only the plates that failed', async () => {
  const all = sweepWorld();
  putReadStudy(all, 's1');
  all.readings.ofPlate = async (study) => {
    if (study === 's1') throw new Error('throttled');
    return [];
  };
  const event = sqsEvent([
    { kind: 'sweep-plate', study: 's1', plate: 'P1' },
    { kind: 'sweep-plate', study: 's2', plate: 'P1' },
    { kind: 'unheard-of' },
  ]);
  expect(await all.handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm3' }] });
});

it('fails a plan from the schedule, so that Lambda tries again and keeps it', async () => {
  const all = sweepWorld();
  await expect(all.handler({ kind: 'unheard-of' } as never)).rejects.toThrow();
  expect(await all.handler(sqsEvent([]))).toEqual(none);
});
