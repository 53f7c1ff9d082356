import { describe, expect, it } from 'vitest';
import type { RecheckMessage, SweepMessage } from '../../lambdas/domain/messages.ts';
import { makeHandler as makeScore } from '../../lambdas/score/score.ts';
import { makeHandler } from '../../lambdas/sweep/sweep.ts';
import { sqsEvent } from '../fakes/events.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings, FakeScores } from '../fakes/fake-tables.ts';
import { FakeAnnouncer, FakeLog, FakeQueue, FakeScoringQueue } from '../fakes/fakes.ts';
import { plateMap, putRead, putReadStudy, studyNotes } from '../fakes/readings.ts';

function world(now = '2026-03-09T12:00:00.000Z') {
  const bucket = new FakeBucket();
  const readings = new FakeReadings();
  const scores = new FakeScores();
  const intake = new FakeQueue<RecheckMessage>();
  const sweeps = new FakeQueue<SweepMessage>();
  const scoring = new FakeScoringQueue();
  const announcer = new FakeAnnouncer();
  const log = new FakeLog();
  const deps = { bucket, readings, scores, intake, sweeps, scoring, announcer, log, now: () => new Date(now) };
  const reference = { find: () => undefined, near: () => [] };
  const score = (study: string) => makeScore({ ...deps, reference })(sqsEvent([{ kind: 'score', study }]));
  return { ...deps, score, handler: makeHandler(deps) };
}

const plate = (more: object = {}) => sqsEvent([{ kind: 'sweep-plate', study: 's1', plate: 'P1', ...more }]);
const none = { batchItemFailures: [] };

describe('a plan', () => {
  it('is one message a plate, for the schedule and for the queue', async () => {
    const all = world();
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
    const all = world();
    putReadStudy(all);
    await all.handler(sqsEvent([{ kind: 'sweep-study', study: 's1', notesOnly: true }]));
    expect(all.sweeps.sent).toEqual([{ kind: 'sweep-plate', study: 's1', plate: 'P1', notesOnly: true }]);
  });
});

describe('the books', () => {
  it('send images without a reading, of another version, and readings without an image to be looked at', async () => {
    const all = world();
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
    const all = world();
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
    const all = world();
    putReadStudy(all);
    putRead(all, { path: 'day7/A03.png' }, { status: 'rejected' });
    const gone = putRead(all, { path: 'day7/A04.png' }, { status: 'deleted' });
    all.bucket.remove(gone.key);
    all.bucket.put('exports/s1/P1/day7/A01_thumb.png', 'no image of ours');
    await all.handler(plate());
    expect(all.intake.sent).toEqual([]);
  });

  it('send images read under another bit depth than study.json declares now', async () => {
    const all = world();
    putRead(all, { path: 'day7/A01.png' }, { declaredBitDepth: 12 });
    putRead(all, { path: 'day7/A02.png' }, { declaredBitDepth: 10 });
    all.bucket.put('exports/s1/P1/day7/A03.png', 'on its way');
    all.bucket.put('exports/s1/study.json', studyNotes({ bitDepth: 12 }));
    await all.handler(plate({ notesOnly: true }));
    expect(all.intake.sent).toEqual([{ kind: 'recheck', key: 'exports/s1/P1/day7/A02.png' }]);
  });

  it('wait for study.json to be mended before its bit depth counts', async () => {
    const all = world();
    putRead(all, { path: 'day7/A01.png' }, { declaredBitDepth: 12 });
    all.bucket.put('exports/s1/study.json', '{');
    await all.handler(plate({ notesOnly: true }));
    expect(all.intake.sent).toEqual([]);
  });
});

describe('a score', () => {
  it('that is missing is asked for', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });

  it('of what now stands is not asked for again', async () => {
    const all = world();
    putReadStudy(all);
    await all.score('s1');
    await all.handler(plate());
    expect(all.scoring.requested).toEqual([]);
  });

  it.each([
    [
      'a reading',
      (all: ReturnType<typeof world>) => putRead(all, { path: 'day7/B01.png' }, { viability: 0.1, revision: 2 }),
    ],
    ['the plate map', (all: ReturnType<typeof world>) => all.bucket.put('exports/s1/P1/platemap.csv', `${plateMap}\n`)],
    [
      'study.json',
      (all: ReturnType<typeof world>) => all.bucket.put('exports/s1/study.json', studyNotes({ donor: 'd2' })),
    ],
  ])('older than %s is asked for', async (_what, change) => {
    const all = world();
    putReadStudy(all);
    await all.score('s1');
    change(all);
    await all.handler(plate());
    expect(all.scoring.requested).toEqual(['s1']);
  });
});

describe('a plate read', () => {
  it('that is complete is told of once', async () => {
    const all = world();
    putReadStudy(all);
    await all.handler(plate());
    await all.handler(plate());
    expect(all.announcer.events).toEqual([{ type: 'PlateCompleted', detail: { study: 's1', plate: 'P1', day: 7 } }]);
  });

  it('that lacks wells is told of once no image came for six hours', async () => {
    const early = world('2026-03-09T15:59:00.000Z');
    putReadStudy(early);
    early.bucket.remove('exports/s1/P1/day7/B04.png');
    early.readings.items.delete('exports/s1/P1/day7/B04.png');
    await early.handler(plate());
    expect(early.announcer.events).toEqual([]);
    const late = makeHandler({ ...early, now: () => new Date('2026-03-09T16:01:00.000Z') });
    await late(plate());
    await late(plate());
    expect(early.announcer.events).toEqual([
      { type: 'PlateIncomplete', detail: { study: 's1', plate: 'P1', day: 7, absentWells: ['B04'] } },
    ]);
  });

  it('is not told of while images of it wait to be read', async () => {
    const all = world();
    putReadStudy(all);
    all.bucket.put('exports/s1/P1/day7/B04_s2.png', 'new');
    await all.handler(plate());
    expect(all.announcer.events).toEqual([]);
  });
});

it('puts back only the plates that failed', async () => {
  const all = world();
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
  const all = world();
  await expect(all.handler({ kind: 'unheard-of' } as never)).rejects.toThrow();
  expect(await all.handler(sqsEvent([]))).toEqual(none);
});
