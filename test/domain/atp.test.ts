/** ATP files as labs and luminometers write them, and the joins that must not be guessed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeSignals, uniqueSignals } from '../../lambdas/domain/atp/place.ts';
import { markSaturated } from '../../lambdas/domain/atp/saturation.ts';
import type { AtpSignal } from '../../lambdas/domain/atp/signal.ts';
import { parseAtpFile } from '../../lambdas/domain/atp/table.ts';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { PLATE_FORMATS, wellName } from '../../lambdas/domain/well.ts';

const hints = { knownPlates: new Set(['P1', 'P2']) };
const parse = (text: string, file = 'atp.csv', more = {}) => parseAtpFile(text, file, { ...hints, ...more });
const brief = (signals: readonly AtpSignal[]) =>
  signals.map(({ plate, day, well, light }) => [plate, day, well, light]);

/** A 96-well block whose values count up from 1 in reading order. */
const block = (
  change: (cell: string, row: number, column: number) => string = (cell) => cell,
  separator = ',',
): string =>
  [
    ['', ...Array.from({ length: 12 }, (_, c) => c + 1)].join(separator),
    ...Array.from({ length: 8 }, (_, r) =>
      [String.fromCharCode(65 + r), ...Array.from({ length: 12 }, (_, c) => change(String(12 * r + c + 1), r, c))].join(
        separator,
      ),
    ),
  ].join('\n');

describe('a long table', () => {
  it('reads wells in any spelling, overflow, and wells that were not read', () => {
    const text =
      '\uFEFFplate,well,day,atp_rlu\nP1,a1,7,1000\nP1,A02,7,1.5e6\nP1,A3,7,OVRFLW\nP1,A4,7,\n,,,\nP2,H12,3,*****\n';
    expect(brief(parse(text))).toEqual([
      ['P1', 7, 'A01', 1000],
      ['P1', 7, 'A02', 1.5e6],
      ['P1', 7, 'A03', 'saturated'],
      ['P2', 3, 'H12', 'saturated'],
    ]);
  });

  it('takes columns in any order, a study, and decimal commas between semicolons', () => {
    const [signal] = parse('study;day;atp_rlu;well;plate\ns;7;0,5;B2;P1\n');
    expect(signal).toMatchObject({ study: 's', plate: 'P1', day: 7, well: 'B02', light: 0.5, line: 2 });
  });

  it.each([
    ['plate,well,day,atp_rlu\nP1,A1,7,"1,000"', 'row 2: "1,000" is not a luminometer'],
    ['plate,well,day,atp_rlu\nP1,A1,7,1,000', 'row 2: has 5 cells under 4 columns'],
    ['plate,well,day,atp_rlu\nP1,A1,7,5\nP1,Q99,7,5', 'row 3: "Q99" is not a well'],
    ['plate,well,day,atp_rlu\nP1,A1,late,5', 'row 2: "late" is not a day'],
    ['plate,well,day,atp_rlu\n,A1,7,5', 'row 2: names no plate'],
    ['plate,well,day,rlu\nP1,A1,7,5', 'row 1: has no column atp_rlu'],
    ['plate,well,day,atp_rlu,well\nP1,A1,7,5,B1', 'row 1: has two columns well'],
  ])('names the row and the remedy: %j', (text, message) => {
    expect(() => parse(text)).toThrow(NotesError);
    expect(() => parse(text)).toThrow(message);
  });
});

describe('a comma or point before three digits', () => {
  const table = (values: readonly string[], separator = '\t') =>
    ['plate,well,day,atp_rlu'.split(','), ...values.map((value, i) => ['P1', `A${i + 1}`, '7', value])]
      .map((cells) => cells.join(separator))
      .join('\n');

  it.each([
    [table(['912', '845,210', '9,120']), 'row 3: "845,210" may be 845210 or 845.210: every comma'],
    [table(['845.210', '912'], ';'), 'row 2: "845.210" may be 845210 or 845.210: every point'],
    [table(['845.210', '912'], ','), 'every point'],
    [table(['0,5', '845.210']), 'every point'],
    [`Plate: P1\nDay: 7\n${block((c, r, col) => (r + col === 0 ? '845,210' : c), '\t')}`, 'row 4: "845,210" may be'],
  ])('is refused where it may divide thousands: %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow('Export counts without thousands separators');
  });

  it.each([
    [
      ['845,210', '912,5'],
      [845.21, 912.5],
    ],
    [
      ['845.210', '0.123'],
      [845.21, 0.123],
    ],
    [
      ['845.210', '1234.567'],
      [845.21, 1234.567],
    ],
    [
      ['845.210', '1.250e5'],
      [845.21, 125_000],
    ],
    [
      ['845210', '912', 'OVER', '> 1,000'],
      [845_210, 912, 'saturated', 'saturated'],
    ],
  ])('is a decimal where another value of the file shows it: %j', (values, expected) => {
    expect(parse(table(values)).map(({ light }) => light)).toEqual(expected);
  });
});

describe('a luminometer’s block', () => {
  it('is read under a preamble, with what the instrument writes around it', () => {
    const text = `Application: X-control;;\nDevice;Y\n\nPlate: P1\nDay: 7\n${block((c) => c, ';').replace(/^/, '<>')}\nEnd;ok`;
    const signals = parse(text, 'export.txt');
    expect(signals).toHaveLength(96);
    expect(brief(signals).slice(11, 14)).toEqual([
      ['P1', 7, 'A12', 12],
      ['P1', 7, 'B01', 13],
      ['P1', 7, 'B02', 14],
    ]);
    expect(signals.at(-1)).toMatchObject({ well: 'H12', light: 96, format: { rows: 8, columns: 12 } });
  });

  it.each(PLATE_FORMATS.filter(({ columns }) => columns > 2))(
    'finds every well of a $wells-well plate',
    ({ rows, columns }) => {
      fc.assert(
        fc.property(
          fc.constantFrom(',', ';', '\t'),
          fc.nat(rows - 1),
          fc.nat(columns - 1),
          (separator, row, column) => {
            const lines = [
              ['', ...Array.from({ length: columns }, (_, c) => c + 1)],
              ...Array.from({ length: rows }, (_, r) => [
                wellName({ row: r, column: 0 }).replace(/\d+$/, ''),
                ...Array.from({ length: columns }, (_, c) => (r === row && c === column ? 77 : 5)),
              ]),
            ];
            const text = lines.map((line) => line.join(separator)).join('\n');
            const marked = parse(text, 'P1_day7.csv').filter(({ light }) => light === 77);
            expect(marked.map(({ well }) => well)).toEqual([wellName({ row, column })]);
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  it('reads several blocks of one file, the day once', () => {
    const signals = parse(`Day,3\nPlate,P1\n${block()}\nPlate,P2\n${block()}`);
    expect(new Set(signals.map(({ plate, day }) => `${plate} ${day}`))).toEqual(new Set(['P1 3', 'P2 3']));
  });

  it('takes plate and day from the file’s name, or from options; an instrument’s own "Plate: 1" is no name', () => {
    const [named] = parse(`Plate: 1\n${block()}`, 'runs/P2_d7_luminescence.csv');
    expect(named).toMatchObject({ plate: 'P2', day: 7 });
    expect(parse(block(), 'P1_d1_day7.csv')[0]).toMatchObject({ plate: 'P1_d1', day: 7 });
    expect(parse(block(), 'x.csv', { plate: 'P1', day: 0 })[0]).toMatchObject({ plate: 'P1', day: 0 });
  });

  it('is read from UTF-16, with columns as spreadsheets write them; a workbook is named as one', () => {
    const text = `Plate:\tP1\nDay:\t7\n${block((c) => c, '\t')}`;
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    expect(parseAtpFile(utf16, 'softmax.txt', hints)).toHaveLength(96);
    expect(parse(block().replace(',1,2,3,', ',01,02.0,3.0,'), 'P1_day7.csv')).toHaveLength(96);
    expect(() => parseAtpFile(Buffer.from('PK\u0003\u0004…'), 'atp.xlsx', hints)).toThrow('Save the sheet as CSV');
  });

  it('leaves empty cells out and reads a gap as one', () => {
    const signals = parse(
      block((cell, r, c) => (r === 0 && c < 2 ? '' : r === 7 ? '-' : cell)),
      'P1_day7.csv',
    );
    expect(signals).toHaveLength(96 - 2 - 12);
    expect(signals[0]).toMatchObject({ well: 'A03', light: 3 });
  });

  it('understands a name behind each row (Gen5) and R’s missing corner', () => {
    const gen5 = block()
      .split('\n')
      .map((line, i) => (i === 0 ? line : `${line},Lum`))
      .join('\n');
    expect(parse(gen5, 'P1_day7.csv')).toHaveLength(96);
    expect(parse(block().replace(/^,/, ''), 'P1_day7.csv')[0]).toMatchObject({ well: 'A01', light: 1 });
  });

  const without = (pattern: RegExp) => block().replace(pattern, '');
  it.each([
    ['a row is missing', without(/^C.*\n/m), 'row C of the 8 × 12 block is not where it must be'],
    ['a row is short', block().replace(/,24$/m, ''), 'row B has 11 values under 12 columns'],
    ['a row is long', block().replace(/,24$/m, ',24,25'), 'row B has more values than the header has columns'],
    ['the block ends early', without(/\nH.*$/), 'row H of the 8 × 12 block'],
    [
      'a column is missing',
      block((c) => c).replaceAll(/,12$|,(\d+)$/gm, ''),
      'a block has 11 columns, and no plate has',
    ],
    ['a cell is a word', block((c, r, col) => (r === 1 && col === 1 ? 'oops' : c)), '"oops" in well B02'],
    ['a row letter is wrong', block().replace(/^D/m, 'X'), 'row D of the 8 × 12 block'],
  ])('is refused where %s', (_what, text, message) => {
    expect(() => parse(text, 'P1_day7.csv')).toThrow(message);
  });

  it.each([
    ['x.csv', `Day: 7\n${block()}`, 'does not say of which plate the block is'],
    ['P1.csv', block(), 'does not say of which day the block is'],
    ['P1_day7.csv', `Plate: P2\n${block()}`, 'may be of P2 or P1'],
    ['P1_day7.csv', `Day: 3\n${block()}`, 'may be of 3 or 7'],
    ['P1_day7.csv', `Day: late\n${block()}`, '"late" is not a day'],
    ['P1_day7.csv', `Plate: P3\n${block()}`, 'states plate P3, and no export is called so. Is it P1 or P2?'],
    ['x.csv', `Barcode: X-77\nDay: 7\n${block()}`, 'states plate X-77'],
    ['P1_day7.csv', 'nothing\nhere', 'holds no ATP values that are understood'],
  ])('is refused where its place is not sure: %s, %j', (file, text, message) => {
    expect(() => parse(text, file)).toThrow(message);
  });
});

it('no option is overridden by the file’s name or its lines', () => {
  expect(() => parse(block(), 'P1_day7.csv', { plate: 'P9' })).toThrow('may be of P9 or P1');
  expect(() => parse(`Plate: P2\nDay: 7\n${block()}`, 'x.csv', { plate: 'P1' })).toThrow('may be of P2 or P1');
  expect(() => parse(`Day: 7\nPlate: P1\n${block()}\nPlate: P2\n${block()}`, 'x.csv', { plate: 'P1' })).toThrow(
    'may be of P2 or P1',
  );
  expect(parse(`Plate: 1\n${block()}`, 'x_day7.csv', { plate: 'P2' })[0]?.plate).toBe('P2');
});

const signal = (more: Partial<AtpSignal> = {}): AtpSignal => ({
  ...{ study: undefined, plate: 'P1', day: 7, well: 'A01', light: 100, format: undefined, file: 'atp.csv', line: 2 },
  ...more,
});
const plates = [
  { study: 's1', plate: 'P1' },
  { study: 's1', plate: 'Plate-02' },
  { study: 's2', plate: 'P1' },
];

describe('which plate a value is of', () => {
  it('is the one plate of that name, or the one of that study', () => {
    expect(placeSignals([signal({ plate: 'Plate-02' })], plates)[0]?.study).toBe('s1');
    expect(placeSignals([signal({ study: 's2' })], plates)[0]?.study).toBe('s2');
  });

  it.each([
    [signal(), 'plate P1 is in the studies s1 and s2'],
    [signal({ plate: 'plate_2' }), 'no export is called plate_2. Is it Plate-02?'],
    [signal({ plate: 'ZZZ' }), 'no export is called ZZZ. The exports have P1, Plate-02.'],
    [signal({ study: 's9' }), 'no export is of study s9'],
    [signal({ study: 's2', plate: 'Plate-02' }), 'no plate of study s2 is called Plate-02'],
  ])('is never guessed', (value, message) => {
    expect(() => placeSignals([value], plates)).toThrow(message);
  });

  it('refuses two values of one well, and tells of one that stands twice', () => {
    const [a, b, c] = placeSignals(
      [signal({ study: 's1' }), signal({ study: 's1', line: 3 }), signal({ study: 's1', line: 4, light: 101 })],
      plates,
    );
    if (!a || !b || !c) throw new Error('three were placed');
    expect(uniqueSignals([a, b])).toEqual({ signals: [a], repeated: [b] });
    expect(() => uniqueSignals([a, c])).toThrow(
      'well A01 of plate P1, day 7, has two values: 100 (atp.csv, row 2) and 101',
    );
  });
});

describe('saturation', () => {
  const wells = (lights: readonly number[], study = 's1') =>
    placeSignals(
      lights.map((light, i) => signal({ study, light, well: wellName({ row: 0, column: i }) })),
      plates,
    );
  const marked = (lights: readonly number[], limit?: number) =>
    markSaturated(wells(lights), limit).map(({ light }) => light);

  it('is a highest value that repeats', () => {
    expect(marked([5, 9, 9, 9, 7])).toEqual([5, 'saturated', 'saturated', 'saturated', 7]);
    expect(marked([5, 9, 9, 7])).toEqual([5, 9, 9, 7]);
    expect(marked([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
  });

  it('is also what the lab says it is', () => {
    expect(marked([5, 9, 8], 8)).toEqual([5, 'saturated', 'saturated']);
  });

  it('is also looked for plate read by plate read and file by file: gains and dilutions differ', () => {
    const read = (lights: readonly number[], more: Partial<AtpSignal>) =>
      placeSignals(
        lights.map((light, i) => signal({ study: 's1', light, well: wellName({ row: 0, column: i }), ...more })),
        plates,
      );
    const lightsOf = (...groups: readonly ReturnType<typeof read>[]) =>
      markSaturated(groups.flat(), undefined).map(({ light }) => light);
    expect(lightsOf(read([5, 9, 9, 9], {}), read([8, 12], { plate: 'Plate-02' }))).toEqual([
      ...[5, 'saturated', 'saturated', 'saturated'],
      ...[8, 12],
    ]);
    expect(
      lightsOf(read([9, 9], { file: 'a' }), read([5, 9], { file: 'a', day: 3 }), read([12], { day: 3, file: 'b' })),
    ).toEqual(['saturated', 'saturated', 5, 'saturated', 12]);
  });

  it('is judged study by study', () => {
    const mixed = [...wells([9, 9, 9]), ...wells([9, 20], 's2')];
    expect(markSaturated(mixed, undefined).map(({ light }) => light)).toEqual([
      'saturated',
      'saturated',
      'saturated',
      9,
      20,
    ]);
  });
});
