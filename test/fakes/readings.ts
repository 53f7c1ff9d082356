import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import type { FakeBucket } from './fake-bucket.ts';
import type { FakeReadings } from './fake-tables.ts';
import { fakeModel } from './fakes.ts';

export const studyNotes = (more: object = {}): string =>
  JSON.stringify({
    location: 'north',
    microscope: 'scope',
    cellModel: 'hepg2',
    firstDosing: '2026-03-02T09:00:00+01:00',
    imagingDays: [7],
    ...more,
  });

/** Four doses of a compound and two vehicle wells. */
export const plateMap = [
  'well,compound,concentration_uM,role',
  'A01,dmso,0,vehicle',
  'A02,dmso,0,vehicle',
  'B01,troglitazone,1,treated',
  'B02,troglitazone,10,treated',
  'B03,troglitazone,100,treated',
  'B04,troglitazone,300,treated',
].join('\n');

/** Viabilities of that plate's wells: half is lost near 30 µM. */
export const plateViabilities: Readonly<Record<string, number>> = {
  A01: 1,
  A02: 1,
  B01: 0.98,
  B02: 0.8,
  B03: 0.2,
  B04: 0.05,
};

/** An image in the bucket with its reading in the table. */
export function putRead(
  { bucket, readings }: { bucket: FakeBucket; readings: FakeReadings },
  place: { study?: string; plate?: string; path: string },
  more: Partial<Reading> = {},
): Reading {
  const { study = 's1', plate = 'P1', path } = place;
  const key = `exports/${study}/${plate}/${path}`;
  const version = bucket.put(key, `pixels of ${key} ${more.viability}`);
  const reading: Reading = {
    schema: 1,
    study,
    plate,
    path,
    key,
    ...version,
    status: 'read',
    revision: 1,
    viability: 1,
    preprocessingVersion: '1',
    model: fakeModel,
    readAt: '2026-03-09T10:00:05.000Z',
    ...more,
  };
  readings.set(reading);
  return reading;
}

/** A study with one complete plate of day 7, read. */
export function putReadStudy(world: { bucket: FakeBucket; readings: FakeReadings }, study = 's1', plate = 'P1'): void {
  world.bucket.put(`exports/${study}/study.json`, studyNotes());
  world.bucket.put(`exports/${study}/${plate}/platemap.csv`, plateMap);
  for (const [well, viability] of Object.entries(plateViabilities))
    putRead(world, { study, plate, path: `day7/${well}.png` }, { viability });
}
