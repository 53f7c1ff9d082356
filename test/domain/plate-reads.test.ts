/** Where images belong: plate reads and days by time, slots, the channel that is scored, wells of the map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy, type Study } from '../../lambdas/domain/notes/study.ts';
import { summarisePlate } from '../../lambdas/domain/reads/completeness.ts';
import { type PlacedReading, placeReadings } from '../../lambdas/domain/reads/plate-reads.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { wellValues } from '../../lambdas/domain/reads/well-values.ts';

const study = (over: object = {}): Study =>
  parseStudy(
    JSON.stringify({
      location: 'a',
      microscope: 'm',
      cellModel: 'c',
      firstDosing: '2026-03-02T12:00:00Z',
      imagingDays: [3, 7],
      ...over,
    }),
    'study.json',
  );

function reading(path: string, over: Partial<Reading> = {}): Reading {
  return {
    schema: 1,
    study: 's',
    plate: 'P1',
    path,
    key: `exports/s/P1/${path}`,
    versionId: 'v',
    etag: 'e',
    status: 'read',
    revision: 1,
    uploadedAt: '2026-03-20T00:00:00.000Z',
    viability: 0.5,
    preprocessingVersion: '1',
    readAt: '2026-03-20T00:00:01.000Z',
    ...over,
  };
}

const IMAGE = { format: 'tiff', width: 9, height: 9, bitDepth: 8, bitDepthSource: 'file', pages: 1 } as const;
/** Hours after the first dosing, as the file's metadata would say it. */
const taken = (path: string, hours: number, over: Partial<Reading> = {}): Reading =>
  reading(path, {
    image: { ...IMAGE, takenAt: new Date(Date.parse('2026-03-02T12:00:00Z') + hours * 3_600_000).toISOString() },
    ...over,
  });

const outcome = (placed: readonly PlacedReading[]) =>
  Object.fromEntries(placed.map(({ reading: { path }, day, status }) => [path, [day, status]]));
const reasonOf = (placed: readonly PlacedReading[], path: string): string | undefined =>
  placed.find((item) => item.reading.path === path)?.reason;

describe('plate reads by time', () => {
  it('keep the days of a time series apart', () => {
    for (const everyHours of [2.5, 4, 5, 6, 8]) {
      const series: Reading[] = [];
      for (let hours = 0; hours <= 8 * 24; hours += everyHours) series.push(taken(`scan${hours}h_A01.tif`, hours));
      const placed = placeReadings(series, study({ imagingDays: [1, 2, 3, 4, 5, 6, 7] }));
      const used = placed.filter(({ status }) => status === 'used');
      expect(used.map(({ day }) => day).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      for (const { day, reading: image } of used) {
        const hours = Number(/scan([\d.]+)h/.exec(image.path)?.[1]);
        expect(Math.abs(hours - 24 * (day ?? 0))).toBeLessThanOrEqual(everyHours / 2);
      }
    }
  });

  it('say which read of a day counts: the nearest to the scheduled time', () => {
    const placed = placeReadings(
      [66, 71, 78].map((hours) => taken(`t${hours}_A01.tif`, hours)),
      study(),
    );
    expect(outcome(placed)).toEqual({
      't66_A01.tif': [3, 'superseded'],
      't71_A01.tif': [3, 'used'],
      't78_A01.tif': [3, 'superseded'],
    });
    expect(reasonOf(placed, 't66_A01.tif')).toBe(
      'of day 3, the plate read nearest to the scheduled time counts: t71_A01.tif',
    );
  });

  it('fill a well from another read of the day when the nearest lacks it', () => {
    const placed = placeReadings([taken('a_A01.tif', 71), taken('b_A01.tif', 79), taken('b_A02.tif', 79.1)], study());
    expect(outcome(placed)).toEqual({
      'a_A01.tif': [3, 'used'],
      'b_A01.tif': [3, 'superseded'],
      'b_A02.tif': [3, 'used'],
    });
  });

  it('hold quick re-takes, of which the later counts', () => {
    const first = taken('a_A01.tif', 71.5);
    expect(outcome(placeReadings([first, taken('b_A01.tif', 73.4)], study()))).toEqual({
      'a_A01.tif': [3, 'superseded'],
      'b_A01.tif': [3, 'used'],
    });
    expect(outcome(placeReadings([first, taken('b_A01.tif', 73.6)], study()))).toEqual({
      'a_A01.tif': [3, 'used'],
      'b_A01.tif': [3, 'superseded'],
    });
  });

  it('hold the channels of a well, hours apart', () => {
    const channels = [taken('x_A01_w1.tif', 155), taken('x_A01_w2.tif', 158)];
    expect(placeReadings(channels, study({ imagingDays: [] })).map(({ day }) => day)).toEqual([7, 7]);
  });

  it('share one day, also across midnight', () => {
    // Days are rounded here: 23:50 would be day 6, and 00:10 and 00:30 day 7.
    const read = [taken('x_A01.tif', 155.8), taken('x_A02.tif', 156.2), taken('x_A03.tif', 156.5)];
    const days = (readings: Reading[]) => placeReadings(readings, study({ imagingDays: [] })).map(({ day }) => day);
    expect(read.map((one) => days([one])[0])).toEqual([6, 7, 7]);
    expect(days(read)).toEqual([7, 7, 7]);
  });

  it('end at a pause of more than six hours', () => {
    const days = (pause: number) =>
      placeReadings([taken('x_A01.tif', 152), taken('x_A02.tif', 152 + pause)], study({ imagingDays: [] })).map(
        ({ day }) => day,
      );
    expect(days(6)).toEqual([6, 6]);
    expect(days(6.1)).toEqual([6, 7]);
  });

  it('end after twelve hours, however short the pauses', () => {
    const chain = Array.from({ length: 24 }, (_, i) => taken(`x_A${i + 1}.tif`, 24 + 4 * i));
    const placed = placeReadings(chain, study({ imagingDays: [] }));
    expect(new Set(placed.map(({ day }) => day))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it.each([
    [59.9, undefined, 'unplaced'],
    [60, 3, 'used'],
    [84, 3, 'used'],
    [84.1, undefined, 'unplaced'],
  ])('%d h after dosing, with a tolerance of 12 h, is day %s', (hours, day, status) =>
    expect(outcome(placeReadings([taken('x_A01.tif', hours)], study()))).toEqual({ 'x_A01.tif': [day, status] }),
  );

  it('do not lend their day to images beyond the tolerance', () => {
    const placed = placeReadings(
      [taken('x_A01.tif', 76), taken('x_A02.tif', 77), taken('x_A03.tif', 79)],
      study({ imagingToleranceHours: 6 }),
    );
    expect(placed.map(({ status }) => status)).toEqual(['used', 'used', 'unplaced']);
    expect(placed[2]?.reason).toContain('taken 3.3 days after first dosing, more than 6 h from every imaging day');
  });

  it('have no day when their middle lies beyond the tolerance', () =>
    expect(
      placeReadings([taken('x_A01.tif', 83), taken('x_A02.tif', 86), taken('x_A03.tif', 87)], study()).map(
        ({ status }) => status,
      ),
    ).toEqual(['unplaced', 'unplaced', 'unplaced']));

  it('call the hours before dosing day 0', () =>
    expect(placeReadings([taken('x_A01.tif', -1)], study({ imagingDays: [] }))[0]?.day).toBe(0));
});

describe('elapsed time in a name (Incucyte)', () => {
  const at = (stamp: string, folder = '') => `${folder}VID1_Phase_C4_1_${stamp}.tif`;

  it('is a time, with schedule and tolerance', () => {
    const placed = placeReadings(
      [at('03d02h00m'), at('05d00h00m')].map((path) => reading(path)),
      study(),
    );
    expect(outcome(placed)).toEqual({ [at('03d02h00m')]: [3, 'used'], [at('05d00h00m')]: [undefined, 'unplaced'] });
    expect(placed[0]?.acquisition).toEqual({ at: '2026-03-05T14:00:00.000Z', source: 'path' });
  });

  it('yields to a day folder, and orders its slots', () => {
    const [early, late] = [at('00d10h00m', 'day7/'), at('00d16h00m', 'day7/')];
    const placed = placeReadings([reading(early, { uploadedAt: '2026-03-21T00:00:00.000Z' }), reading(late)], study());
    expect(outcome(placed)).toEqual({ [early]: [7, 'superseded'], [late]: [7, 'used'] });
  });
});

describe('images that tell no time', () => {
  const png = reading('x_A01.png', { uploadedAt: '2026-03-05T12:00:00.000Z' });

  it('are not placed by their upload, and say how to mend it', () => {
    const placed = placeReadings([png], study());
    expect(outcome(placed)).toEqual({ 'x_A01.png': [undefined, 'unplaced'] });
    expect(placed[0]?.reason).toContain('uploadTimeIsImagingTime');
  });

  it('are, where the lab says that it uploads as it images', () =>
    expect(outcome(placeReadings([png], study({ uploadTimeIsImagingTime: true })))).toEqual({
      'x_A01.png': [3, 'used'],
    }));

  it('keep the day of their path', () =>
    expect(outcome(placeReadings([reading('day7/x_A01.png')], study()))).toEqual({ 'day7/x_A01.png': [7, 'used'] }));

  it('do not move the day of a read, and rejected ones stay in the books of their day', () => {
    const broken = reading('x_A02.tif', { status: 'rejected', uploadedAt: '2026-03-05T13:00:00.000Z' });
    expect(outcome(placeReadings([taken('x_A01.tif', 72), broken, png], study()))).toMatchObject({
      'x_A01.tif': [3, 'used'],
      'x_A02.tif': [3, 'rejected'],
    });
  });
});

describe('slots', () => {
  it.each([
    ['field', 'day3/A10_02_1_1_Bright Field_001.tif', 'day3/A10_02_2_1_Bright Field_001.tif'],
    ['Yokogawa field', 'day3/x_C10_T0001F001L01A01Z01C01.tif', 'day3/x_C10_T0001F002L01A01Z01C01.tif'],
    ['plane', 'day3/x_C10_z1.tif', 'day3/x_C10_z2.tif'],
    ['plane as a folder', 'day3/ZStep_1/x_C10.tif', 'day3/ZStep_2/x_C10.tif'],
    ['field as a folder', 'day3/site_1/x_C10.tif', 'day3/site_2/x_C10.tif'],
    ['day', 'day3/x_C10.tif', 'day7/x_C10.tif'],
    ['well in rows F and C', 'day3/P_F07_s1_w1.tif', 'day3/P_F07_s2_w1.tif'],
    ['Incucyte field', 'day3/Phase_F4_1.tif', 'day3/Phase_F4_2.tif'],
  ])('differ by %s: both images count', (_, a, b) =>
    expect(placeReadings([reading(a), reading(b)], study()).map(({ status }) => status)).toEqual(['used', 'used']),
  );

  it('are one for a re-export with other padding', () => {
    const later = { uploadedAt: '2026-03-21T00:00:00.000Z' };
    const placed = placeReadings([reading('day3/P1_C4_s1.tif'), reading('day3/P1_C04_s01.tif', later)], study());
    expect(outcome(placed)).toEqual({ 'day3/P1_C4_s1.tif': [3, 'superseded'], 'day3/P1_C04_s01.tif': [3, 'used'] });
  });
});

describe('the channel that is scored', () => {
  const used = (paths: string[], brightfieldChannel?: string): string[] =>
    placeReadings(
      paths.map((path) => reading(path)),
      study(brightfieldChannel === undefined ? {} : { brightfieldChannel }),
    )
      .filter(({ status }) => status === 'used')
      .map(({ reading: { path } }) => path);
  const HARMONY = ['day3/r03c11f02p01-ch1sk1fk1fl1.tiff', 'day3/r03c11f02p01-ch2sk1fk1fl1.tiff'];
  const INCUCYTE = [
    'day3/FluorescenceGreen/x_raw_B3_1_2026y03m05d_12h00m.tif',
    'day3/PhaseContrast/x_raw_B3_1_2026y03m05d_12h00m.tif',
  ];

  it.each([
    ['the lowest number', HARMONY, undefined, HARMONY.slice(0, 1)],
    ['what study.json says', HARMONY, '02', HARMONY.slice(1)],
    ['what calls itself bright field', INCUCYTE, undefined, INCUCYTE.slice(1)],
    ['fluorescence when study.json says so', INCUCYTE, 'Fluorescence Green', INCUCYTE.slice(0, 1)],
    [
      'bright field, though its number is higher',
      ['day3/x_B3_w1_GFP.tif', 'day3/x_B3_w2_BF.tif'],
      undefined,
      ['day3/x_B3_w2_BF.tif'],
    ],
    [
      'a numbered channel that has a word too',
      ['day3/x_B3_w1_GFP.tif', 'day3/x_B3_w2_BF.tif'],
      '2',
      ['day3/x_B3_w2_BF.tif'],
    ],
    ['the only one', ['day3/x_B3_w2.tif', 'day3/x_B4_w2.tif'], undefined, ['day3/x_B3_w2.tif', 'day3/x_B4_w2.tif']],
    ['never fluorescence of its own accord', ['day3/A10_02_1_1_GFP_001.tif'], undefined, []],
    [
      'none that could not be told from another',
      ['day3/A10_02_1_1_Abc_001.tif', 'day3/A10_02_1_1_Def_001.tif'],
      undefined,
      [],
    ],
    ['none while study.json could mean two', ['day3/x_B3_w1_GFP.tif', 'day3/x_B3_w1_BF.tif'], '1', []],
    ['none when study.json names another', ['day3/x_B3_w2.tif'], '1', []],
  ])('is %s', (_, paths, brightfieldChannel, expected) => expect(used(paths, brightfieldChannel)).toEqual(expected));

  it('leaves the others out with the way to correct it', () => {
    const placed = placeReadings(
      HARMONY.map((path) => reading(path)),
      study(),
    );
    expect(placed[1]).toMatchObject({ day: 3, status: 'unplaced' });
    expect(placed[1]?.reason).toContain('channels (1, 2) 1 is taken for bright field');
    expect(placed[1]?.reason).toContain('brightfieldChannel in study.json');
  });
});

describe('a plate with its map', () => {
  const map = parsePlateMap(
    'well,compound,concentration_uM,role\nA01,x,1,treated\nA02,dmso,0,vehicle\nA03,,0,blank\n',
    'platemap.csv',
  );
  const summary = (readings: Reading[]) => {
    const placed = placeReadings(readings, study(), map);
    return { placed, ...summarisePlate('P1', placed, map, study()) };
  };

  it('names images of wells that it does not hold', () => {
    const { placed, reads, unplaced } = summary(['A01', 'A02', 'H09'].map((well) => reading(`day3/x_${well}.tif`)));
    expect(unplaced).toEqual([{ key: 'exports/s/P1/day3/x_H09.tif', reason: 'well H09 is not in the plate map' }]);
    expect(reads[0]).toMatchObject({ usable: 2, complete: true });
    expect(placed[2]?.status).toBe('unplaced');
  });

  it('expects no image of blank wells, and one of each other', () => {
    expect(summary([reading('day3/x_A01.tif')]).reads[0]).toMatchObject({
      expectedWells: 2,
      imagedWells: 1,
      absentWells: ['A02'],
      complete: false,
    });
  });

  it('does not call a well imaged that has fluorescence only', () => {
    const { reads } = summary([
      reading('day3/x_A01_w1.tif'),
      reading('day3/x_A02_w1.tif'),
      reading('day3/x_A02_w2.tif'),
    ]);
    expect(reads[0]).toMatchObject({ complete: true, usable: 2 });
    const partial = summary([reading('day3/x_A01_w1.tif'), reading('day3/x_A02_w2.tif')]);
    expect(partial.reads[0]).toMatchObject({ complete: false, absentWells: ['A02'] });
  });

  it('takes a well’s value as the median of its fields', () => {
    const fields = [0.9, 0.1, 0.3].map((viability, i) => reading(`day3/x_A01_s${i}.tif`, { viability }));
    const values = wellValues('P1', placeReadings(fields, study(), map), map, study());
    expect(values.map(({ viability, readings }) => [viability, readings.length])).toEqual([[0.3, 3]]);
  });
});

it('gives equal answers whatever the order of readings', () => {
  const readings = [
    ...Array.from({ length: 12 }, (_, i) => taken(`t${i}_A0${1 + (i % 3)}.tif`, 60 + 3 * i)),
    reading('day3/D7.tif'),
    reading('day3/A7.tif'),
    reading('day3/x_A7_w2.tif'),
  ];
  const expected = outcome(placeReadings(readings, study()));
  fc.assert(
    fc.property(fc.shuffledSubarray(readings, { minLength: readings.length }), (shuffled) => {
      expect(outcome(placeReadings(shuffled, study()))).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
