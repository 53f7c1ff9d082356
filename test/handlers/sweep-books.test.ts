import { describe, expect, it } from 'vitest';
import { PREPROCESSING_VERSION } from '../../lambdas/imaging/version.ts';
import { makeHandler } from '../../lambdas/sweep/sweep.ts';
import { fakeModel } from '../fakes/fakes.ts';
import { plateMap, putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';
import { none, plate, sweepWorld } from '../fakes/sweep-world.ts';

describe('the books', () => {
  it('send images without a reading, of another version, and readings without an image to be looked at', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/day7/C01.png', 'never read');
    all.bucket.put('exports/s1/P1/day7/A01.png', 'uploaded again');
    all.bucket.remove('exports/s1/P1/day7/A02.png');
    await all.handler(plate());
    expect(all.intake.sent.map(({ key }) => key)).toEqual([
      'exports/s1/P1/day7/A01.png',
      'exports/s1/P1/day7/A02.png',
      'exports/s1/P1/day7/C01.png',
    ]);
  });

  it('see an upload of the same bytes by its time', async () => {
    const all = sweepWorld();
    putRead(all, { path: 'day7/A01.png' });
    all.bucket.put(
      'exports/s1/P1/day7/A01.png',
      'pixels of exports/s1/P1/day7/A01.png undefined',
      '2026-03-09T11:00:00.000Z',
    );
    await all.handler(plate());
    expect(all.intake.sent).toHaveLength(1);
  });

  it('that balance send nothing', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    putRead(all, { path: 'day7/A03.png' }, { status: 'rejected' });
    const gone = putRead(all, { path: 'day7/A04.png' }, { status: 'deleted' });
    all.bucket.remove(gone.key);
    all.bucket.put('exports/s1/P1/day7/A01_thumb.png', 'no image of ours');
    await all.handler(plate());
    expect(all.intake.sent).toEqual([]);
  });

  it('send images read under another bit depth than study.json declares now', async () => {
    const all = sweepWorld();
    putRead(all, { path: 'day7/A01.png' }, { declaredBitDepth: 12 });
    putRead(all, { path: 'day7/A02.png' }, { declaredBitDepth: 10 });
    all.bucket.put('exports/s1/P1/day7/A03.png', 'on its way');
    all.bucket.put('exports/s1/study.json', studyNotes({ bitDepth: 12 }));
    await all.handler(plate({ notesOnly: true }));
    expect(all.intake.sent).toEqual([{ kind: 'recheck', key: 'exports/s1/P1/day7/A02.png' }]);
  });

  it('send whole plate reads that are out of date where a person asks for it, with the model that is to read them, and only then', async () => {
    const all = sweepWorld();
    const model = { ...fakeModel, version: 'of today' };
    putRead(all, { path: 'day7/A01.png' }, { preprocessingVersion: PREPROCESSING_VERSION, model });
    putRead(all, { path: 'day7/A02.png' }, { preprocessingVersion: PREPROCESSING_VERSION });
    putRead(all, { path: 'day7/A03.png' }, { preprocessingVersion: 'older' });
    putRead(all, { path: 'day3/A01.png' }, { preprocessingVersion: PREPROCESSING_VERSION });
    putRead(all, { path: 'day7/A04.png' }, { preprocessingVersion: 'older' });
    all.bucket.put('exports/s1/P1/day7/A04.png', 'uploaded again');
    await all.handler(plate());
    expect(all.intake.sent.splice(0)).toEqual([{ kind: 'recheck', key: 'exports/s1/P1/day7/A04.png' }]);
    const sentFor = async (what: { olderPreprocessing: boolean; otherModel: boolean }) => {
      await all.handler(plate({ readAgain: { ...what, model } }));
      const sent = all.intake.sent.splice(0);
      expect(sent).toEqual(
        sent.map(({ key }) => ({ kind: 'recheck', key, model, preprocessingVersion: PREPROCESSING_VERSION })),
      );
      return sent.map(({ key }) => key.slice('exports/s1/P1/'.length)).sort();
    };
    const day7 = ['day7/A02.png', 'day7/A03.png', 'day7/A04.png'];
    expect(await sentFor({ olderPreprocessing: true, otherModel: false })).toEqual(day7);
    expect(await sentFor({ olderPreprocessing: false, otherModel: true })).toEqual(['day3/A01.png', ...day7]);
  });

  it('wait for study.json to be mended before its bit depth counts', async () => {
    const all = sweepWorld();
    putRead(all, { path: 'day7/A01.png' }, { declaredBitDepth: 12 });
    all.bucket.put('exports/s1/study.json', '{');
    await all.handler(plate({ notesOnly: true }));
    expect(all.intake.sent).toEqual([]);
  });
});

describe('a score', () => {
  it('that is missing is asked for', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.handler(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });

  it('of what now stands is not asked for again', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.score('s1');
    await all.handler(plate());
    expect(all.scoring.requested).toEqual([]);
  });

  it.each([
    [
      'a reading',
      (all: ReturnType<typeof sweepWorld>) => putRead(all, { path: 'day7/B01.png' }, { viability: 0.1, revision: 2 }),
    ],
    [
      'the plate map',
      (all: ReturnType<typeof sweepWorld>) => all.bucket.put('exports/s1/P1/platemap.csv', `${plateMap}\n`),
    ],
    [
      'study.json',
      (all: ReturnType<typeof sweepWorld>) => all.bucket.put('exports/s1/study.json', studyNotes({ donor: 'd2' })),
    ],
    [
      'exclusions.csv',
      (all: ReturnType<typeof sweepWorld>) =>
        all.bucket.put('exports/s1/exclusions.csv', 'plate,well,name,reason\nP1,B01,Ada,odd\n'),
    ],
  ])('older than %s is asked for', async (_what, change) => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.score('s1');
    change(all);
    await all.handler(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });

  it('made with another drug reference is asked for', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.score('s1');
    await makeHandler({ ...all, referenceSha256: 'of the corrected one' })(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });

  it('that came out the same from other readings is not asked for for ever', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.score('s1');
    const [reading] = all.readings.items.values();
    if (reading) all.readings.set({ ...reading, preprocessingVersion: 'next', revision: 2 });
    await all.score('s1');
    await all.handler(plate());
    expect(all.scoring.requested).toEqual([]);
  });

  it('of a plate too large for an item is judged without leave to read what it was made from', async () => {
    const all = sweepWorld();
    all.bucket.put('exports/s1/study.json', studyNotes());
    for (let index = 0; index < 3000; index += 1) putRead(all, { path: `TimePoint_1/Experiment_${index}.tif` });
    await all.score('s1');
    expect((await all.scores.get('s1', 'plate#P1'))?.documentKey).toBeDefined();
    all.bucket.beforeGet = (key) => {
      if (!key.startsWith('exports/')) throw new Error(`Access Denied: ${key}`);
    };
    expect(await all.handler(plate())).toEqual(none);
    expect(all.scoring.requested).toEqual([]);
    putRead(all, { path: 'TimePoint_1/Experiment_0.tif' }, { viability: 0.1, revision: 2 });
    expect(await all.handler(plate())).toEqual(none);
    expect(all.scoring.requested).toEqual(['s1']);
  });
});
