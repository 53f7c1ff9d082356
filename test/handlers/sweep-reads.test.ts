import { describe, expect, it } from 'vitest';
import { makeHandler } from '../../lambdas/sweep/sweep.ts';
import { putReadStudy } from '../fakes/readings.ts';
import { plate, sweepWorld } from '../fakes/sweep-world.ts';

describe('a plate read', () => {
  it('that is complete is told of once', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    await all.handler(plate());
    await all.handler(plate());
    expect(all.announcer.events).toEqual([{ type: 'PlateCompleted', detail: { study: 's1', plate: 'P1', day: 7 } }]);
  });

  it('that lacks wells is told of once no image came for six hours', async () => {
    const early = sweepWorld('2026-03-09T15:59:00.000Z');
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

  const completed = { type: 'PlateCompleted', detail: { study: 's1', plate: 'P1', day: 7 } };

  it.each([
    ['waits while images of it wait to be read', 'day7/B04_s2.png', '12:00', []],
    ['waits while an image waits that may be of it', 'B04_s2.png', '12:00', []],
    ['does not wait for images of another', 'day14/B04.png', '12:00', [completed]],
    ['does not wait for ever', 'day7/B04_s2.png', '16:01', [completed]],
    ['does not wait for ever for an image of any', 'B04_s2.png', '16:01', [completed]],
  ])('%s', async (_what, path, now, events) => {
    const all = sweepWorld(`2026-03-09T${now}:00.000Z`);
    putReadStudy(all);
    all.bucket.put(`exports/s1/P1/${path}`, 'kills the process each time');
    await all.handler(plate());
    expect(all.announcer.events).toEqual(events);
  });

  it('lacks no well whose image is there, only unread', async () => {
    const all = sweepWorld('2026-03-09T16:01:00.000Z');
    putReadStudy(all);
    for (const well of ['B03', 'B04']) all.readings.items.delete(`exports/s1/P1/day7/${well}.png`);
    all.bucket.remove('exports/s1/P1/day7/B03.png');
    await all.handler(plate());
    expect(all.announcer.events).toMatchObject([{ type: 'PlateIncomplete', detail: { absentWells: ['B03'] } }]);
  });

  it('is not complete by readings whose image went', async () => {
    const all = sweepWorld('2026-03-09T16:01:00.000Z');
    putReadStudy(all);
    all.bucket.remove('exports/s1/P1/day7/B04.png');
    await all.handler(plate());
    expect(all.announcer.events).toMatchObject([{ type: 'PlateIncomplete', detail: { absentWells: ['B04'] } }]);
  });

  it('is not marked as told while nobody can be told', async () => {
    const all = sweepWorld();
    putReadStudy(all);
    all.announcer.failure = new Error('EventBridge is away');
    expect(await all.handler(plate())).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(await all.scores.list('s1', 'marker#')).toEqual([]);
    all.announcer.failure = undefined;
    await all.handler(plate());
    expect(all.announcer.events).toEqual([completed]);
  });
});
