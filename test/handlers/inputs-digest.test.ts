import { afterEach, expect, it, vi } from 'vitest';
import { inputsOf } from '../../lambdas/domain/scoring/inputs-digest.ts';
import { FakeBucket } from '../fakes/fake-bucket.ts';
import { FakeReadings } from '../fakes/fake-tables.ts';
import { putRead } from '../fakes/readings.ts';

const reading = putRead({ bucket: new FakeBucket(), readings: new FakeReadings() }, { path: 'day7/A01.png' });
const study = { notesVersion: 'etag', referenceSha256: 'sha' };
const plate = (more: object = {}) => ({ plate: 'P1', map: undefined, readings: [{ ...reading, ...more }] });
const { viability: _viability, ...unread } = reading;

afterEach(() => vi.doUnmock('../../lambdas/domain/version.ts'));

it.each([
  ['version', { versionId: 'another' }],
  ['viability', { viability: 0.5 }],
  ['error that its model shares', { sharedHalfWidth90: 0.1 }],
  ['model', { model: { ...reading.model, sha256: 'another' } }],
  ['preprocessing', { preprocessingVersion: 'another' }],
  ['removal', { status: 'deleted' }],
])('what a plate is scored from changes with the %s of a reading', (_what, more) => {
  expect(inputsOf(plate(more), study)).not.toBe(inputsOf(plate(), study));
});

it('… and with its status alone', () => {
  const [read, rejected] = (['read', 'rejected'] as const).map((status) =>
    inputsOf({ plate: 'P1', map: undefined, readings: [{ ...unread, status }] }, study),
  );
  expect(read).not.toBe(rejected);
});

it('… and with how scores are made', async () => {
  vi.resetModules();
  vi.doMock('../../lambdas/domain/version.ts', () => ({ SCORING_VERSION: 'another' }));
  const later = await import('../../lambdas/domain/scoring/inputs-digest.ts');
  expect(later.inputsOf(plate(), study)).not.toBe(inputsOf(plate(), study));
});

it.each([
  ['study.json', { notesVersion: 'another' }],
  ['the drug reference', { referenceSha256: 'another' }],
  ['exclusions.csv', { exclusionsVersion: 'another' }],
])('… and with %s', (_what, more) => {
  expect(inputsOf(plate(), { ...study, ...more })).not.toBe(inputsOf(plate(), study));
});
