import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReference } from '../../lambdas/domain/reference.ts';
import { makeHandler } from '../../lambdas/score/score.ts';
import { projectRoot } from '../../lib/bundling.ts';
import { sqsEvent } from '../fakes/events.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings, FakeScores } from '../fakes/fake-tables.ts';
import { FakeAnnouncer, FakeLog, fakeModel, fixedNow } from '../fakes/fakes.ts';
import { plateMap, plateViabilities, putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';

const reference = parseReference(readFileSync(join(projectRoot, 'reference/compounds.csv'), 'utf8'));

function world() {
  const bucket = new FakeBucket();
  const readings = new FakeReadings();
  const scores = new FakeScores();
  const announcer = new FakeAnnouncer();
  const log = new FakeLog();
  const handler = makeHandler({ bucket, readings, scores, announcer, reference, log, now: fixedNow });
  return { bucket, readings, scores, announcer, log, handler };
}

const again = { batchItemFailures: [{ itemIdentifier: 'm1' }] };
/** As preprocess leaves them when their objects went. */
const forget = (readings: FakeReadings): void => {
  for (const reading of [...readings.items.values()]) readings.set({ ...reading, status: 'deleted' });
};
const request = (study: string) => ({ kind: 'score', study });
const documentOf = async (scores: FakeScores, sortKey: string, study = 's1') =>
  JSON.parse((await scores.get(study, sortKey))?.document ?? 'null');

describe('a study', () => {
  it('is scored into an item a compound and day, a compound, a day, the study and a plate, in this order', async () => {
    const all = world();
    putReadStudy(all);
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual({ batchItemFailures: [] });
    expect(all.scores.written).toEqual([
      'compound#troglitazone#day#007',
      'course#troglitazone',
      'day#007',
      'study',
      'plate#P1',
    ]);
    const compound = await documentOf(all.scores, 'compound#troglitazone#day#007');
    expect(compound.icx_uM.ic50_uM).toBeGreaterThan(10);
    expect(compound.icx_uM.ic50_uM).toBeLessThan(100);
    expect(compound.provenance.readings).toHaveLength(6);
    expect(await documentOf(all.scores, 'study')).toMatchObject({ study: 's1', plates: ['P1'], problems: [] });
  });

  it('is scored once for all its requests of a batch', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1'), request('s1'), request('s1')]));
    expect(all.log.lines.filter(({ message }) => message === 'scored')).toHaveLength(1);
  });

  it('whose scores are the same writes and announces nothing', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    const [written, announced] = [all.scores.written.length, all.announcer.events.length];
    await all.handler(sqsEvent([request('s1')]));
    expect([all.scores.written.length, all.announcer.events.length]).toEqual([written, announced]);
  });

  it('announces verdicts that changed, each with what it was', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    const [first] = all.announcer.events;
    expect(first).toMatchObject({
      type: 'VerdictChanged',
      detail: { study: 's1', compound: 'troglitazone', day: 7, from: 'unknown' },
    });
    for (const well of ['B02', 'B03', 'B04']) putRead(all, { path: `day7/${well}.png` }, { viability: 1, revision: 2 });
    await all.handler(sqsEvent([request('s1')]));
    expect(all.announcer.events).toHaveLength(2);
    expect(all.announcer.events[1]?.detail).toMatchObject({
      from: first?.type === 'VerdictChanged' ? first.detail.to : '',
      to: 'no loss seen up to 46 × Cmax',
    });
  });

  describe('of which a plate read is half read again by another model', () => {
    const next = { ...fakeModel, version: 'next' };
    const compoundKey = 'compound#troglitazone#day#007';

    /** Scored once, then with some wells read again, by default the first. */
    async function halfReadAgain(notes: object = {}, days: readonly number[] = [7]) {
      const all = world();
      putReadStudy(all);
      all.bucket.put('exports/s1/study.json', studyNotes(notes));
      for (const day of days)
        for (const [well, viability] of Object.entries(plateViabilities))
          putRead(all, { path: `day${day}/${well}.png` }, { viability: day === 0 ? 1 : viability });
      const score = async () => {
        const before = all.announcer.events.length;
        await all.handler(sqsEvent([request('s1')]));
        return all.announcer.events.slice(before).map(({ detail }) => ('to' in detail ? [detail.from, detail.to] : []));
      };
      const readAgain = (of: RegExp, viability?: number) => {
        for (const reading of [...all.readings.items.values()])
          if (of.test(reading.path))
            all.readings.set({
              ...{ ...reading, model: next, revision: reading.revision + 1 },
              ...(viability === undefined ? {} : { viability }),
            });
      };
      const [[, first] = []] = await score();
      const stored = async () => (await documentOf(all.scores, compoundKey)).verdict.label;
      return { ...all, first, score, readAgain, stored };
    }

    it.each([
      ['', {}, [7], /B01/],
      [' as day 0 of the others', { normalisation: 'day-0', imagingDays: [0, 7] }, [0, 7], /day0/],
      [' in part as day 0', { normalisation: 'day-0', imagingDays: [0, 7] }, [0, 7], /day0\/B0[123]/],
    ])(
      'announces nothing while its verdicts are unknown for that%s, and nothing where they come out the same',
      async (_what, notes, days, of) => {
        const { first, score, readAgain, stored } = await halfReadAgain(notes, days);
        readAgain(of);
        expect(await score()).toEqual([]);
        expect(await stored()).toBe('unknown');
        expect(await score()).toEqual([]);
        readAgain(/./);
        expect(await score()).toEqual([]);
        expect(await stored()).toBe(first);
      },
    );

    it('announces what its verdicts come to once they settle, from what was announced last', async () => {
      const { first, score, readAgain } = await halfReadAgain();
      readAgain(/B01/);
      await score();
      readAgain(/[AB]/, 1);
      expect(await score()).toEqual([[first, 'no loss seen up to 46 × Cmax']]);
      expect(await score()).toEqual([]);
    });

    it('announces once what they settle as, also where the stored score stays the same', async () => {
      const { scores, first, score, readAgain } = await halfReadAgain();
      readAgain(/./);
      await score();
      const item = await scores.get('s1', compoundKey);
      if (!item) throw new Error('no score');
      // As it stood while it was held back, had the same been said of it for another reason.
      await scores.put('s1', { ...item, announced: 'unknown' });
      expect(await score()).toEqual([['unknown', first]]);
      expect(await score()).toEqual([]);
    });

    it('announces that they settle as unknown for another reason', async () => {
      const { bucket, first, score, readAgain } = await halfReadAgain();
      readAgain(/B01/);
      await score();
      readAgain(/./);
      bucket.put('exports/s1/P1/platemap.csv', plateMap.replaceAll('vehicle', 'blank'));
      expect(await score()).toEqual([[first, 'unknown']]);
    });
  });

  it('raises the revision of what changed', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    putRead(all, { path: 'day7/B04.png' }, { viability: 0.04, revision: 2 });
    await all.handler(sqsEvent([request('s1')]));
    expect((await all.scores.get('s1', 'compound#troglitazone#day#007'))?.revision).toBe(2);
    expect((await all.scores.get('s1', 'study'))?.revision).toBe(1);
  });

  it('loses the scores of days and plates that are no more, and keeps the marks', async () => {
    const all = world();
    putReadStudy(all);
    await all.scores.mark('s1', 'marker#P1#007#PlateCompleted');
    await all.handler(sqsEvent([request('s1')]));
    for (const well of ['A01', 'A02', 'B01', 'B02', 'B03', 'B04']) all.bucket.remove(`exports/s1/P1/day7/${well}.png`);
    all.bucket.remove('exports/s1/P1/platemap.csv');
    forget(all.readings);
    await all.handler(sqsEvent([request('s1')]));
    expect([...all.scores.items.keys()]).toEqual(['s1 marker#P1#007#PlateCompleted', 's1 study']);
    expect(await all.scores.studies()).toEqual(['s1']);
  });

  it('keeps a plate whose objects went until its readings know, so that the sweep finds it', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    for (const key of [...all.readings.items.keys(), 'exports/s1/P1/platemap.csv']) all.bucket.remove(key);
    await all.handler(sqsEvent([request('s1')]));
    expect(await all.scores.plates('s1')).toEqual(['P1']);
    expect(await documentOf(all.scores, 'day#007')).toMatchObject({ compounds: [] });
  });

  it('that is gone altogether leaves nothing, marks included', async () => {
    const all = world();
    putReadStudy(all);
    await all.scores.mark('s1', 'marker#P1#007#PlateCompleted');
    await all.handler(sqsEvent([request('s1')]));
    for (const key of [...all.readings.items.keys(), 'exports/s1/P1/platemap.csv', 'exports/s1/study.json'])
      all.bucket.remove(key);
    forget(all.readings);
    await all.handler(sqsEvent([request('s1')]));
    expect([...all.scores.items.keys()]).toEqual([]);
    expect(await all.scores.studies()).toEqual([]);
  });

  it('with notes that cannot be read has problems, not a failure', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put('exports/s1/study.json', '{"location":');
    all.bucket.put('exports/s1/P1/platemap.csv', 'well,compound\nA01,dmso');
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual({ batchItemFailures: [] });
    const { problems } = await documentOf(all.scores, 'study');
    expect(problems).toHaveLength(2);
    expect(problems.join(' ')).toMatch(/platemap\.csv.*study\.json/);
  });

  it('without any notes says which are missing', async () => {
    const all = world();
    putRead(all, { path: 'day7/A01.png' });
    await all.handler(sqsEvent([request('s1')]));
    const { problems } = await documentOf(all.scores, 'study');
    expect(problems.join(' ')).toMatch(/platemap\.csv is missing.*study\.json is missing/);
  });

  it('normalises a plate without vehicle wells to the pooled ones of the day', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put(
      'exports/s1/P2/platemap.csv',
      'well,compound,concentration_uM,role\nA01,aspirin,1,treated\nA02,aspirin,9,treated\nA03,aspirin,90,treated',
    );
    for (const well of ['A01', 'A02', 'A03'])
      putRead(all, { plate: 'P2', path: `day7/${well}.png` }, { viability: 0.9 });
    await all.handler(sqsEvent([request('s1')]));
    expect((await documentOf(all.scores, 'compound#aspirin#day#007')).provenance.pooledFallback).toBe(true);
  });

  it('keeps a document that outgrows an item in the bucket', async () => {
    const all = world();
    all.bucket.put('exports/s1/study.json', studyNotes());
    all.bucket.put('exports/s1/P1/platemap.csv', plateMap);
    for (let index = 0; index < 3000; index += 1)
      putRead(all, { path: `day7/B01_s${index}_${'long'.repeat(20)}.png` }, { viability: 0.9 });
    await all.handler(sqsEvent([request('s1')]));
    const item = await all.scores.get('s1', 'compound#troglitazone#day#007');
    expect(item?.document).toBeUndefined();
    expect(item?.documentKey).toMatch(/^provenance\/s1\/[0-9a-f]{64}\.json$/);
    expect((await all.bucket.getText(item?.documentKey ?? ''))?.text).toContain('"compound":"troglitazone"');
  });
});

describe('scores that cannot all be written', () => {
  const failing = (sortKey: string) => (item: { sortKey: string }) => {
    if (item.sortKey === sortKey) throw new Error('throttled');
  };

  it.each(['compound#troglitazone#day#007', 'day#007', 'study'])(
    '(%s) leave their plate unmarked, so that the sweep asks for them',
    async (sortKey) => {
      const all = world();
      putReadStudy(all);
      all.scores.beforePut = failing(sortKey);
      expect(await all.handler(sqsEvent([request('s1')]))).toEqual(again);
      expect(all.scores.written).not.toContain('plate#P1');
    },
  );

  it('keep the former mark of their plate until they are removed, too', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    all.bucket.put('exports/s1/P1/platemap.csv', plateMap.replaceAll('troglitazone', 'aspirin'));
    all.scores.remove = async () => {
      throw new Error('throttled');
    };
    const before = await all.scores.get('s1', 'plate#P1');
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual(again);
    expect(await all.scores.get('s1', 'plate#P1')).toEqual(before);
  });

  it('are not written behind the back of the next scoring', async () => {
    const all = world();
    putReadStudy(all);
    for (const [index, well] of ['C01', 'C02', 'C03'].entries()) {
      all.bucket.put('exports/s1/P1/platemap.csv', `${plateMap}\n${well},drug${index},1,treated`);
      putRead(all, { path: `day7/${well}.png` }, { viability: 0.5 });
    }
    let returned = false;
    let late = 0;
    all.scores.beforePut = async ({ sortKey }) => {
      if (sortKey.startsWith('compound#')) throw new Error('throttled');
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (returned) late += 1;
    };
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual(again);
    returned = true;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(late).toBe(0);
  });

  it('are not begun while nobody can be told of them', async () => {
    const all = world();
    putReadStudy(all);
    all.announcer.failure = new Error('EventBridge is away');
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual(again);
    expect(all.scores.written).toEqual([]);
  });
});

describe('a lock', () => {
  const lock = (locked: boolean) =>
    JSON.stringify({ locked, name: 'Ada', reason: 'reported', at: '2026-03-10T09:00:00Z' });
  const spoil = (all: ReturnType<typeof world>) =>
    putRead(all, { path: 'day7/B01.png' }, { viability: 0.01, revision: 2 });

  it('keeps the scores as they stand, whatever is read, noted or excluded later; without it they follow', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    const before = new Map(all.scores.items);
    all.bucket.put('exports/s1/lock.json', lock(true));
    spoil(all);
    all.bucket.put('exports/s1/exclusions.csv', 'plate,well,name,reason\nP1,B02,Ada,odd\n');
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual({ batchItemFailures: [] });
    expect(all.scores.items).toEqual(before);
    all.bucket.put('exports/s1/lock.json', lock(false));
    await all.handler(sqsEvent([request('s1')]));
    expect(all.scores.items).not.toEqual(before);
  });

  it('waits for the first scores: before, there is nothing to keep', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put('exports/s1/lock.json', lock(true));
    await all.handler(sqsEvent([request('s1')]));
    expect(await all.scores.get('s1', 'study')).toBeDefined();
  });

  it.each([
    ['lock.json', '{"locked": "yes"}'],
    ['lock.json', lock(true).replace('Z"', '"')],
    ['exclusions.csv', 'well,why\nB02,odd\n'],
    ['exclusions.csv', 'plate,well,name,reason\nP1,B02,Ada,"odd\nP1,B01,Ada,odd\n'],
  ])('holds too by a %s that cannot be read: %s', async (file, text) => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    const before = new Map(all.scores.items);
    spoil(all);
    all.bucket.put(`exports/s1/${file}`, text);
    expect(await all.handler(sqsEvent([request('s1')]))).toEqual({ batchItemFailures: [] });
    expect(all.scores.items).toEqual(before);
  });

  it('may begin with a byte-order mark', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([request('s1')]));
    const before = new Map(all.scores.items);
    all.bucket.put('exports/s1/lock.json', `\uFEFF${lock(true)}`);
    spoil(all);
    await all.handler(sqsEvent([request('s1')]));
    expect(all.scores.items).toEqual(before);
  });
});

describe('exclusions', () => {
  it('of which one row cannot be read still leave out the others, and say so', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put(
      'exports/s1/exclusions.csv',
      'plate,well,name,reason\nP1,B01,,odd\nP1,B02,Ada\nP1,B02,Ada,odd, and dry\nP1,B02,Ada,odd\n',
    );
    await all.handler(sqsEvent([request('s1')]));
    const { problems } = await documentOf(all.scores, 'study');
    expect(problems.join('\n')).toMatch(/row 2: says no name.*\n.*row 3: is not CSV.*\n.*row 4: is not CSV/);
    const plate = await documentOf(all.scores, 'plate#P1');
    expect(plate.reads[0].quality.leftOut).toEqual([{ well: 'B02', reason: 'excluded by Ada: odd' }]);
  });

  it('that cannot be read at all are recorded with no score', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put('exports/s1/exclusions.csv', 'well,why\nB02,odd\n');
    await all.handler(sqsEvent([request('s1')]));
    const { problems } = await documentOf(all.scores, 'study');
    expect(problems.join()).toMatch(/exclusions\.csv, row 1: has no column plate.*scores stay as they stand/);
    const scores = await Promise.all(
      [...all.scores.items.values()].map(({ sortKey }) => documentOf(all.scores, sortKey)),
    );
    const notes = scores.flatMap(({ provenance }) => (provenance ? [provenance.notes] : []));
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.every((note) => !('exclusions' in note))).toBe(true);
  });
});

describe('a batch', () => {
  it('puts back the requests of a study that failed, and only those', async () => {
    const all = world();
    putReadStudy(all, 's1');
    putReadStudy(all, 's2');
    all.readings.ofPlate = async (study) => {
      if (study === 's1') throw new Error('throttled');
      return [];
    };
    const answer = await all.handler(sqsEvent([request('s1'), request('s2'), request('s1')]));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm3' }] });
    expect(await all.scores.get('s2', 'study')).toBeDefined();
  });

  it('puts back what is no request', async () => {
    const all = world();
    expect(await all.handler(sqsEvent(['{}']))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});
