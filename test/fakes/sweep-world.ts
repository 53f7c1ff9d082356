import type { RecheckMessage, SweepMessage } from '../../lambdas/domain/messages.ts';
import { makeHandler as makeScore } from '../../lambdas/score/score.ts';
import { makeHandler } from '../../lambdas/sweep/sweep.ts';
import { sqsEvent } from './events.ts';
import { FakeBucket } from './fake-bucket.ts';
import { FakeReadings, FakeScores } from './fake-tables.ts';
import { FakeAnnouncer, FakeLog, FakeQueue, FakeScoringQueue } from './fakes.ts';

/** The sweep with everything around it in memory, and the scoring that it asks for. */
export function sweepWorld(now = '2026-03-09T12:00:00.000Z') {
  const bucket = new FakeBucket();
  const readings = new FakeReadings();
  const scores = new FakeScores();
  const intake = new FakeQueue<RecheckMessage>();
  const sweeps = new FakeQueue<SweepMessage>();
  const scoring = new FakeScoringQueue();
  const announcer = new FakeAnnouncer();
  const log = new FakeLog();
  const deps = { bucket, readings, scores, intake, sweeps, scoring, announcer, log, now: () => new Date(now) };
  const reference = { compounds: [], find: () => undefined, near: () => [], sha256: 'of the reference' };
  const score = (study: string) => makeScore({ ...deps, reference })(sqsEvent([{ kind: 'score', study }]));
  const settings = { ...deps, referenceSha256: reference.sha256 };
  return { ...settings, score, handler: makeHandler(settings) };
}

export const plate = (more: object = {}) => sqsEvent([{ kind: 'sweep-plate', study: 's1', plate: 'P1', ...more }]);
export const none = { batchItemFailures: [] };
export const removeAll = (
  { bucket, readings }: { bucket: FakeBucket; readings: FakeReadings },
  prefix: string,
): void => {
  const notes = ['study.json', 'P1/platemap.csv', 'P2/platemap.csv'].flatMap((name) =>
    ['s1', 's2'].map((study) => `exports/${study}/${name}`),
  );
  for (const key of [...readings.items.keys(), ...notes]) if (key.startsWith(prefix)) bucket.remove(key);
};
