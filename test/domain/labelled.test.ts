/** From images and ATP to labels and splits: what is dropped and why, which joins are refused, which splits would leak. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacedSignal } from '../../lambdas/domain/atp/place.ts';
import { controlOf } from '../../lambdas/domain/labelled/control.ts';
import { labelPlate } from '../../lambdas/domain/labelled/label-plate.ts';
import { malformedWells } from '../../lambdas/domain/labelled/malformed.ts';
import { withoutSameFiles } from '../../lambdas/domain/labelled/same-file.ts';
import { assignSplits, type SplitItem } from '../../lambdas/domain/labelled/split.ts';
import { type Exclusion, parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { placeReadings } from '../../lambdas/domain/reads/plate-reads.ts';
import type { Quality } from '../../lambdas/domain/reads/quality.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { NOTES, reading } from './plate-study.ts';

const MAP = parsePlateMap(
  [
    'well,compound,concentration_uM,role',
    'A01,medium,0,untreated',
    'A02,medium,0,untreated',
    'A03,medium,0,untreated',
    'A04,dmso,0,vehicle',
    'A05,x,1,treated',
    'A06,x,10,treated',
    'A07,x,100,treated',
    'A08,,0,blank',
  ].join('\n'),
  'platemap.csv',
);
const WELLS = [...MAP.wells.keys()];
const CELLS = WELLS.slice(0, 7);

const quality = (spheroid: Quality['spheroid']): Quality => ({
  focus: 1,
  exposure: { background: 0.6, saturatedFraction: 0, blackFraction: 0 },
  spheroid,
  flags: [],
});
const whole = quality({ found: true, diameterFraction: 0.3, touchesBorder: false });

/** An image of a well and day, as imaging left it. */
const image = (well: string, day = 7, more: Partial<Reading> = {}): Reading =>
  reading('P1', `day${day}/${well}.tif`, 1, { quality: whole, sha256: `${well} ${day}`, ...more });

const ATP: Record<string, number> = { A01: 100, A02: 120, A03: 80, A04: 95, A05: 90, A06: 50, A07: 2, A08: 1 };
const light = (well: string, value: PlacedSignal['light'], more: Partial<PlacedSignal> = {}): PlacedSignal => ({
  ...{ study: 's', plate: 'P1', day: 7, well, light: value, format: undefined, file: 'atp.csv', line: 2 },
  ...more,
});
const lights = (change: Record<string, PlacedSignal['light'] | undefined> = {}, more: Partial<PlacedSignal> = {}) =>
  Object.entries({ ...ATP, ...change }).flatMap(([well, value]) =>
    value === undefined ? [] : light(well, value, more),
  );

const OPTIONS = { vehicleInstead: false, mismatchAtMost: 0.2 };
const label = (
  images: readonly Reading[] = CELLS.map((well) => image(well)),
  signals: readonly PlacedSignal[] = lights(),
  options = OPTIONS,
  map = MAP,
  exclusions: readonly Exclusion[] = [],
) =>
  labelPlate(
    { study: 's', plate: 'P1', notes: NOTES, map, exclusions, images: placeReadings(images, NOTES, map) },
    signals,
    options,
  );
const labels = ({ labelled }: ReturnType<typeof label>) =>
  labelled.map(({ entry, atp_rlu, control }) => [entry.name, atp_rlu / control.atp_rlu]);
const drops = ({ dropped }: ReturnType<typeof label>) => dropped.map(({ well, reason }) => `${well} ${reason}`);

describe('labels', () => {
  it('are ATP over the median of the untreated wells of the plate and day', () => {
    const answer = label();
    expect(labels(answer)).toEqual([
      ['A01', 1],
      ['A02', 1.2],
      ['A03', 0.8],
      ['A04', 0.95],
      ['A05', 0.9],
      ['A06', 0.5],
      ['A07', 0.02],
    ]);
    expect([answer.dropped, answer.notes]).toEqual([[], []]);
  });

  it('divide by wells, not by images: a control without an image, or with two, counts once', () => {
    const images = [
      ...CELLS.slice(1).map((well) => image(well)),
      image('A02', 7, { path: 'day7/A02_s2.tif', key: 'k2' }),
    ];
    const answer = label(images);
    expect(new Set(answer.labelled.map(({ control }) => control.atp_rlu))).toEqual(new Set([100]));
    expect(answer.labelled.filter(({ entry }) => entry.name === 'A02')).toHaveLength(2);
    expect(drops(answer)).toEqual(['A01 no-image']);
  });

  it('divide by vehicle only where asked to', () => {
    const none = { A01: undefined, A02: undefined, A03: undefined };
    const images = CELLS.slice(3).map((well) => image(well));
    const refused = label(images, lights(none));
    expect(refused.labelled).toEqual([]);
    expect(new Set(refused.dropped.map(({ reason }) => reason))).toEqual(new Set(['no-control']));
    expect(refused.dropped[0]?.detail).toContain('only 1 vehicle wells: --vehicle-as-control');
    const allowed = label(images, lights(none), { ...OPTIONS, vehicleInstead: true });
    expect(allowed.labelled[0]?.control).toMatchObject({ atp_rlu: 95, role: 'vehicle', wells: 1 });
    expect(allowed.notes.join()).toContain('only 1 vehicle wells');
  });

  it('are not pulled down by saturated controls', () => {
    expect(
      controlOf(
        [80, 100, 'saturated' as const].map((l) => ({ role: 'untreated', light: l })),
        false,
      ),
    ).toMatchObject({
      atp_rlu: 100,
    });
    expect(
      controlOf(
        [80, 'saturated' as const].map((l) => ({ role: 'untreated', light: l })),
        false,
      ),
    ).toContain('saturated');
    expect(controlOf([{ role: 'untreated', light: 0 }], false)).toContain('median ATP of 0');
  });

  it.each([
    ['saturated', lights({ A05: 'saturated' })],
    ['no-atp', lights({ A05: undefined })],
  ])('leave out what is %s', (reason, signals) => {
    expect(drops(label(undefined, signals))).toEqual([`A05 ${reason}`]);
  });

  it('leave out blank wells, rejected images, re-takes and other days, each with its reason', () => {
    const answer = label([
      ...CELLS.slice(0, 6).map((well) => image(well)),
      image('A07', 7, { status: 'rejected', rejection: { code: 'truncated', reason: 'cut off', remedy: '' } }),
      image('A08'),
      image('A06', 7, { path: 'day7/again_A06.tif', key: 'z', uploadedAt: '2026-03-20T00:00:00.000Z' }),
      image('A05', 3),
    ]);
    expect(drops(answer).sort()).toEqual(['A05 no-atp-that-day', 'A06 duplicate', 'A07 rejected', 'A08 blank-well']);
  });

  it('leave out control wells that are empty, but no treated well for looking so', () => {
    const answer = label(
      CELLS.map((well) => image(well, 7, ['A04', 'A07'].includes(well) ? { quality: gone } : {})),
      lights({ A04: 1 }),
    );
    expect(drops(answer)).toEqual(['A04 lost-spheroid']);
    expect(labels(answer)).toContainEqual(['A07', 0.02]);
  });

  it('keep wells of the reference panel without a spheroid: their drug may have dissolved it', () => {
    const csv = [...MAP.wells.values()].map(({ name, compound, concentration_uM, role }) =>
      [name, compound, concentration_uM, role === 'treated' ? 'reference' : role].join(),
    );
    const panel = parsePlateMap(['well,compound,concentration_uM,role', ...csv].join('\n'), 'platemap.csv');
    const gone = quality({ found: false });
    const images = CELLS.map((well) => image(well, 7, well === 'A07' ? { quality: gone } : {}));
    expect(labels(label(images, lights(), OPTIONS, panel))).toContainEqual(['A07', 0.02]);
  });

  it('leave out wells whose spheroid was malformed on day 0', () => {
    const cut = quality({ found: true, diameterFraction: 0.3, touchesBorder: true });
    const answer = label([
      ...CELLS.map((well) => image(well)),
      ...CELLS.map((well) => image(well, 0, well === 'A05' ? { quality: cut } : {})),
    ]);
    expect(drops(answer).filter((text) => !text.endsWith('that-day'))).toEqual(['A05 malformed-on-day-0']);
  });

  it('keep those whose image of day 0 was taken after the first dose: then a drug may have done it', () => {
    const gone = quality({ found: false });
    const facts = {
      format: 'tiff' as const,
      width: 9,
      height: 9,
      bitDepth: 8,
      bitDepthSource: 'file' as const,
      pages: 1,
    };
    const onDay0 = (takenAt: string) =>
      drops(
        label([
          ...CELLS.map((well) => image(well)),
          ...CELLS.map((well) =>
            image(well, 0, { image: { ...facts, takenAt }, ...(well === 'A05' ? { quality: gone } : {}) }),
          ),
        ]),
      ).filter((text) => text.includes('malformed'));
    expect(onDay0('2026-03-02T08:00:00+01:00')).toEqual(['A05 malformed-on-day-0']);
    expect(onDay0('2026-03-02T19:00:00+01:00')).toEqual([]);
  });

  const gone = quality({ found: false });
  const FOUR = parsePlateMap(
    [
      'well,compound,concentration_uM,role',
      ...['A01', 'A02', 'A03', 'A04'].map((well) => `${well},medium,0,untreated`),
      'A05,x,1,treated',
      'A06,x,10,treated',
    ].join('\n'),
    'platemap.csv',
  );
  const SIX = [...FOUR.wells.keys()];
  const four = (
    atp: Record<string, number>,
    of: (well: string, day: number) => Partial<Reading> = () => ({}),
    days = [7],
    exclusions: readonly Exclusion[] = [],
  ) =>
    label(
      days.flatMap((day) => SIX.map((well) => image(well, day, of(well, day)))),
      Object.entries({ A03: 100, A04: 100, A05: 50, A06: 90, ...atp }).map(([well, value]) => light(well, value)),
      OPTIONS,
      FOUR,
      exclusions,
    );
  const rest = [
    ['A03', 1],
    ['A04', 1],
    ['A05', 0.5],
    ['A06', 0.9],
  ];

  it('divide by the controls that are left: no empty well pulls the median down', () => {
    const answer = four({ A01: 1, A02: 1 }, (well) => (well < 'A03' ? { quality: gone } : {}));
    expect(drops(answer)).toEqual(['A01 lost-spheroid', 'A02 lost-spheroid']);
    expect(labels(answer)).toEqual(rest);
    expect(answer.labelled[0]?.control).toMatchObject({ atp_rlu: 100, wells: 2 });
  });

  it('also where most controls are empty', () => {
    const answer = four({ A01: 1, A02: 1, A03: 1 }, (well) => (well < 'A04' ? { quality: gone } : {}));
    expect(labels(answer)).toEqual(rest.slice(1));
    expect(answer.notes.join()).toContain('only 1 untreated wells');
  });

  it('nor one that was malformed on day 0', () => {
    const answer = four(
      { A01: 5, A02: 5 },
      (well, day) => (well < 'A03' && day === 0 ? { quality: gone } : {}),
      [0, 7],
    );
    expect(drops(answer).filter((text) => !text.endsWith('that-day'))).toEqual([
      'A01 malformed-on-day-0',
      'A02 malformed-on-day-0',
    ]);
    expect(labels(answer)).toEqual(rest);
  });

  it('nor one that had no ATP on day 0, though half of the controls had none', () => {
    const days = [0, 7].flatMap((day) => SIX.map((well) => image(well, day)));
    const atp = [0, 7].flatMap((day) => SIX.map((well) => light(well, well < 'A03' ? 1 : 100, { day })));
    const answer = label(days, atp, OPTIONS, FOUR);
    expect(new Set(drops(answer))).toEqual(new Set(['A01 malformed-on-day-0', 'A02 malformed-on-day-0']));
    expect(new Set(labels(answer).map(([, value]) => value))).toEqual(new Set([1]));
  });

  it('nor one that a person took out', () => {
    const exclusions = parseExclusions(
      'plate,well,day,name,reason\nP1,A1,,Ada,spilled\nP1,A02,7,Ada,spilled\nP1,A05,7,Ada,a fibre\nP1,A06,3,Ada,out of focus\n',
      'exclusions.csv',
    );
    const answer = four({ A01: 5, A02: 5 }, undefined, undefined, exclusions);
    expect(drops(answer)).toEqual(['A01 excluded', 'A02 excluded', 'A05 excluded']);
    expect(answer.dropped[2]?.detail).toBe('excluded by Ada: a fibre');
    expect(labels(answer)).toEqual(rest.filter(([well]) => well !== 'A05'));
  });

  it('are refused where controls vary so far that no median stands for them, or none is left', () => {
    const wide = four({ A01: 1, A02: 1 });
    expect(new Set(wide.dropped.map(({ reason }) => reason))).toEqual(new Set(['no-control']));
    expect(wide.dropped[0]?.detail).toBe(
      'the 4 untreated wells vary by 113 % (CV), more than 50 %: no median stands for them',
    );
    const all = parseExclusions(
      `plate,well,name,reason\n${['A1', 'A2', 'A3', 'A4'].map((well) => `P1,${well},Ada,spilled`).join('\n')}\n`,
      'exclusions.csv',
    );
    const none = four({ A01: 100, A02: 100 }, undefined, undefined, all);
    expect(none.dropped.find(({ well }) => well === 'A05')?.detail).toBe(
      'all untreated wells with ATP are left out (excluded)',
    );
  });

  it('name controls that vary or are dim', () => {
    expect(label(undefined, lights({ A02: 150, A03: 60 })).notes.join()).toMatch(
      /untreated wells vary by \d+ % \(CV\)/,
    );
    expect(label(undefined, lights({ A05: 900, A06: 900 })).notes.join()).toContain('the right way round?');
  });
});

describe('a malformed spheroid', () => {
  const placed = (wells: Record<string, Quality['spheroid']>) =>
    placeReadings(
      Object.entries(wells).map(([well, spheroid]) => image(well, 0, { quality: quality(spheroid) })),
      NOTES,
    );
  const usual = { found: true, diameterFraction: 0.3, touchesBorder: false };

  it('is not found, cut, a fragment, or without ATP', () => {
    const found = malformedWells(
      placed({
        A01: usual,
        A02: usual,
        A03: { found: false },
        A04: { ...usual, touchesBorder: true },
        A05: { ...usual, diameterFraction: 0.1 },
      }),
      new Map([
        ['A01', 1],
        ['A02', 0.01],
      ]),
    );
    expect([...found.keys()].sort()).toEqual(['A02', 'A03', 'A04', 'A05']);
  });

  it('is whole where one of its fields shows it whole', () => {
    const second = image('A01', 0, { path: 'day0/A01_s2.tif', key: 'k2', quality: quality({ found: false }) });
    expect(malformedWells(placeReadings([image('A01', 0), second], NOTES)).size).toBe(0);
  });
});

describe('a join is refused', () => {
  it.each([
    [
      'on a day that no image is of',
      lights({}, { day: 8 }),
      'no image of plate P1 is of day 8; its plate reads are of day 7',
    ],
    [
      'for a well outside the plate',
      [...lights(), light('P24', 5)],
      'well P24 lies outside plate P1, which has 96 wells',
    ],
    ['with a block of a smaller plate', lights({}, { format: { rows: 4, columns: 6 } }), 'holds wells outside it'],
    [
      'where images lack ATP',
      lights({ A04: undefined, A05: undefined }),
      '2 of 7 imaged wells have no ATP, 20 % or more',
    ],
    [
      'where wells are not in the map',
      [...lights(), ...['B01', 'B02', 'B03'].map((w) => light(w, 90))],
      '3 of 11 wells with ATP are not',
    ],
  ])('%s', (_what, signals, message) => {
    expect(() => label(undefined, signals)).toThrow(message);
  });

  it('where ATP lacks images, unless it is allowed', () => {
    const images = CELLS.slice(0, 5).map((well) => image(well));
    expect(() => label(images)).toThrow('2 of 7 wells with ATP have no image');
    expect(label(images, lights(), { ...OPTIONS, mismatchAtMost: 1 }).labelled).toHaveLength(5);
  });

  it('not for the background of wells that nobody used, but for light there', () => {
    const format = { rows: 8, columns: 12 };
    const unused = (value: number) => ['B01', 'B02', 'B03', 'B04'].map((well) => light(well, value, { format }));
    expect(label(undefined, [...lights({}, { format }), ...unused(0.2)]).dropped).toEqual([]);
    expect(() => label(undefined, [...lights({}, { format }), ...unused(60)])).toThrow('are not in the plate map');
  });
});

describe('a table that was moved by a row or a column', () => {
  const wellsOf = (rows: string, from: number, to: number): string[] =>
    [...rows].flatMap((row) =>
      Array.from({ length: to - from + 1 }, (_, i) => `${row}${String(from + i).padStart(2, '0')}`),
    );
  const moved = (well: string, rows: number, columns: number): string =>
    String.fromCharCode(well.charCodeAt(0) + rows) + String(Number(well.slice(1)) + columns).padStart(2, '0');
  const mapOf = (wells: readonly string[]) =>
    parsePlateMap(
      ['well,compound,concentration_uM,role', ...wells.map((well, i) => `${well},x,${i + 1},treated`)].join('\n'),
      'platemap.csv',
    );
  const join = (
    imaged: readonly string[],
    lit: readonly string[],
    mismatchAtMost = 0.1,
    more: Partial<PlacedSignal> = {},
  ) => {
    const signals = lit.map((well) => light(well, 100, more));
    return label(
      imaged.map((well) => image(well)),
      signals,
      { ...OPTIONS, mismatchAtMost },
      mapOf(imaged),
    );
  };
  const FULL = wellsOf('ABCDEFGH', 1, 12);
  const INNER = wellsOf('BCDEFG', 2, 11);
  const LARGE = wellsOf('ABCDEFGHIJKLMNOP', 1, 24);

  it.each([
    [
      '96 wells, one column left',
      FULL,
      0,
      -1,
      '8 of 96 imaged wells have no ATP, among them the whole outer column 12',
    ],
    ['96 wells, one column right', FULL, 0, 1, 'outer column 1, as'],
    ['96 wells, one row up', FULL, -1, 0, 'outer row H'],
    ['384 wells, one row up', LARGE, -1, 0, '24 of 384 imaged wells have no ATP, among them the whole outer row P'],
  ])('is refused: %s', (_what, wells, rows, columns, message) => {
    const lit = wells.map((well) => moved(well, rows, columns)).filter((well) => wells.includes(well));
    expect(() => join(wells, lit)).toThrow(message);
    expect(join(wells, lit, 1).dropped.map(({ reason }) => reason)).toContain('no-control');
  });

  it('is refused where moving it back pairs more wells', () => {
    const lit = INNER.map((well) => moved(well, 0, -1));
    expect(() => join(INNER, lit)).toThrow(
      'moved by one column right, 60 wells with ATP have an image, and as it stands 54',
    );
    // A well more is missing, so that the lines do not tell.
    expect(() =>
      join(
        INNER,
        lit.filter((well) => well !== 'C05'),
      ),
    ).toThrow('moved by one column right, 59 wells');
  });

  it('is refused of a block by the wells that shine', () => {
    const format = { rows: 8, columns: 12 };
    const map = parsePlateMap(
      [
        'well,compound,concentration_uM,role',
        ...INNER.map((w, i) => `${w},x,${i + 1},${w.endsWith('03') ? 'untreated' : 'treated'}`),
      ].join('\n'),
      'platemap.csv',
    );
    const shining = new Set(INNER.map((well) => moved(well, -1, 0)));
    const signals = FULL.map((well) => light(well, shining.has(well) ? 100 : 0.2, { format }));
    // Dark wells of the last row cannot be told from dead ones; the row above the first shines.
    expect(() =>
      label(
        INNER.map((well) => image(well)),
        signals,
        { ...OPTIONS, mismatchAtMost: 0.3 },
        map,
      ),
    ).toThrow('moved by one row down, 60 wells');
  });

  it('is also told by images that lack a line, and by as many wells as the limit says', () => {
    const map = mapOf(FULL);
    const images = FULL.filter((well) => !well.startsWith('A')).map((well) => image(well));
    expect(() =>
      label(
        images,
        FULL.map((well) => light(well, 100)),
        { ...OPTIONS, mismatchAtMost: 0.5 },
        map,
      ),
    ).toThrow('12 of 96 wells with ATP have no image, among them the whole outer row A');
    const some = FULL.slice(0, 20);
    expect(() =>
      join(
        some,
        some.filter((well) => !['A03', 'A05'].includes(well)),
      ),
    ).toThrow('2 of 20 imaged wells have no ATP, 10 % or more');
  });

  it('is no table that lacks wells here and there', () => {
    fc.assert(
      fc.property(fc.subarray(FULL, { minLength: 1, maxLength: 7 }), (lost) => {
        const answer = join(
          FULL,
          FULL.filter((well) => !lost.includes(well)),
        );
        expect(answer.dropped.filter(({ reason }) => reason === 'no-atp')).toHaveLength(lost.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('of one file at two places', () => {
  const images = (of: (well: string, day: number) => Partial<Reading>, days = [7]) => [
    ...days.flatMap((day) => CELLS.map((well) => image(well, day, of(well, day)))),
  ];
  const answerTo = (readings: readonly Reading[]) =>
    withoutSameFiles(label(readings).labelled, placeReadings(readings, NOTES, MAP));

  it('such as two wells neither is taken', () => {
    const answer = answerTo(images((well) => (['A05', 'A06'].includes(well) ? { sha256: 'same' } : {})));
    expect(answer.dropped.map(({ well, reason }) => `${well} ${reason}`)).toEqual(['A05 same-file', 'A06 same-file']);
    expect(answer.labelled).toHaveLength(5);
  });

  it('day 0 copied as day 7 is found, though day 0 has no label', () => {
    const answer = answerTo(images((well) => (well < 'A04' ? { sha256: `same ${well}` } : {}), [0, 7]));
    expect(answer.dropped.map(({ well, day }) => `${well} ${day}`)).toEqual(['A01 7', 'A02 7', 'A03 7']);
    expect(answer.dropped[0]?.detail).toBe('its bytes are those of exports/s/P1/day0/A01.tif');
  });

  it('a second copy in its own place is no reason', () => {
    const again = image('A05', 7, { path: 'day7/again_A05.tif', key: 'z', uploadedAt: '2026-03-01T00:00:00.000Z' });
    const twice = answerTo([...images(() => ({})), again]);
    expect([twice.labelled.length, twice.dropped]).toEqual([7, []]);
  });
});

describe('splits', () => {
  const item = (study: string, date: string, more: Partial<SplitItem> = {}): SplitItem => ({
    ...{ location: 'l', microscope: 'm', study, plate: 'P1', batch: date, dosing: date, date },
    ...more,
  });
  const OPTIONS_SPLIT = { testStudies: undefined, unseen: [], validationShare: 0.15 };
  const months = ['01', '02', '03', '04'].map((month) => item(`s${month}`, `2026-${month}-01`));

  it('hold out the last study and validate on the last batch before it', () => {
    expect(assignSplits(months, OPTIONS_SPLIT)).toEqual(['train', 'train', 'validation', 'test']);
  });

  it('hold out what is named, or nothing', () => {
    expect(assignSplits(months, { ...OPTIONS_SPLIT, testStudies: ['s01'] })).toEqual([
      'test',
      'train',
      'train',
      'validation',
    ]);
    expect(assignSplits(months, { ...OPTIONS_SPLIT, testStudies: [] })).toEqual([
      'train',
      'train',
      'train',
      'validation',
    ]);
    expect(assignSplits(months.slice(0, 2), OPTIONS_SPLIT)).toEqual(['train', 'validation']);
  });

  it('keep a microscope unseen', () => {
    const items = [...months, item('u', '2026-01-01', { microscope: 'new' })];
    expect(assignSplits(items, { ...OPTIONS_SPLIT, unseen: ['new'] }).at(-1)).toBe('unseen');
  });

  const onTwo = [
    ...months.slice(0, 3),
    item('s02-m2', '2026-02-01', { microscope: 'm2' }),
    item('s03-m2', '2026-03-01', { microscope: 'm2' }),
  ];

  it('hold a dosing out on every microscope of its location: its wells may be the same', () => {
    const splits = ['train', 'validation', 'test', 'train', 'test'];
    expect(assignSplits(onTwo, OPTIONS_SPLIT)).toEqual(splits);
    const byPlate = onTwo.map((each) => ({ ...each, batch: `${each.study}/${each.plate}` }));
    expect(assignSplits(byPlate, OPTIONS_SPLIT)).toEqual(splits);
    const elsewhere = onTwo.map((each, i) => (i < 3 ? each : { ...each, location: 'far' }));
    expect(assignSplits(elsewhere, OPTIONS_SPLIT)).toEqual(['train', 'validation', 'test', 'train', 'validation']);
  });

  it('ask nothing of a set that is all of unseen microscopes: a bridge is judged by it', () => {
    expect(assignSplits(months.slice(0, 1), { ...OPTIONS_SPLIT, unseen: ['m'] })).toEqual(['unseen']);
  });

  it.each([
    [months.slice(0, 1), {}, 'no images are left for validation'],
    [months, { testStudies: ['s1'] }, 'no labelled image is of study s1'],
    [months, { unseen: ['n'] }, 'no labelled image is of microscope n'],
    [
      [...months, item('twin', '2026-02-01')],
      { testStudies: ['twin'] },
      'batch l + m / 2026-02-01 would be in test and train',
    ],
    [
      onTwo,
      { testStudies: ['s03'] },
      'studies s03 and s03-m2 of l were dosed on one day, 2026-03-01, and would be in test and validation',
    ],
    [
      [item('a', '2026-01-01', { batch: 'x' }), item('b', '2026-01-01', { batch: 'y' })],
      {},
      'is not later than one that trains',
    ],
  ])('are refused where they would flatter, or were not meant', (items, options, message) => {
    expect(() => assignSplits(items, { ...OPTIONS_SPLIT, ...options })).toThrow(message);
  });

  it('never divide a plate or a batch, and validate later than they train, whatever is given', () => {
    const some = fc.record({
      study: fc.constantFrom('s1', 's2', 's3', 's4', 's5'),
      plate: fc.constantFrom('P1', 'P2'),
      microscope: fc.constantFrom('m1', 'm2'),
    });
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) => {
          const items = all.map(({ study, plate, microscope }) =>
            item(`${microscope}-${study}`, `2026-0${study.slice(1)}-01`, { plate, microscope }),
          );
          let splits: string[];
          try {
            splits = assignSplits(items, { ...OPTIONS_SPLIT, validationShare: share });
          } catch (error) {
            expect(error).toMatchObject({ name: 'SplitRefused' });
            return;
          }
          const splitsOf = (of: 'study' | 'batch', name: string, m: string) =>
            new Set(splits.filter((_, i) => items[i]?.[of] === name && items[i]?.microscope === m));
          for (const { study, batch, microscope, dosing } of items) {
            const dosed = new Set(splits.filter((_, i) => items[i]?.dosing === dosing));
            expect(dosed.has('test') && dosed.size > 1).toBe(false);
            expect(splitsOf('study', study, microscope).size).toBe(1);
            expect(splitsOf('batch', batch, microscope).size).toBe(1);
          }
          for (const microscope of ['m1', 'm2']) {
            const dates = (split: string) =>
              items.filter((each, i) => each.microscope === microscope && splits[i] === split).map(({ date }) => date);
            for (const date of dates('validation')) expect(dates('train').every((other) => other < date)).toBe(true);
          }
        },
      ),
    );
  });
});
