import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../lambdas/domain/decimal.ts';
import { compileNamingPattern } from '../../lambdas/domain/naming/naming-pattern.ts';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { parsePlateMap, roleOf } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../../lambdas/domain/notes/study.ts';

const STUDY = { location: 'a', microscope: 'm', cellModel: 'c', firstDosing: '2026-03-02T09:00:00+01:00' };
const zoned = (at: string, timeZone: string) => JSON.stringify({ ...STUDY, firstDosing: { at, timeZone } });
const study = (over: object = {}) => parseStudy(JSON.stringify({ ...STUDY, ...over }), 'exports/s/study.json');

describe('study.json', () => {
  it('fills in what labs expect', () => {
    expect(study()).toMatchObject({
      vehicleControls: ['dmso'],
      untreatedControls: ['medium'],
      imagingToleranceHours: 12,
      firstDosing: { at: '2026-03-02T08:00:00.000Z', utcOffsetMinutes: 60 },
    });
  });

  it('takes a local time with its time zone, also in summer', () => {
    const { firstDosing } = study({ firstDosing: { at: '2026-07-01T09:00:00', timeZone: 'Europe/Zurich' } });
    expect(firstDosing).toEqual({ at: '2026-07-01T07:00:00.000Z', utcOffsetMinutes: 120 });
  });

  it.each([
    ['{', 'is not JSON'],
    [JSON.stringify({ ...STUDY, colour: 1 }), 'colour'],
    [JSON.stringify({ ...STUDY, bitDepth: 11 }), 'bitDepth'],
    [JSON.stringify({ ...STUDY, firstDosing: 'Monday' }), 'firstDosing'],
    [JSON.stringify({ ...STUDY, namingPattern: '(' }), 'namingPattern'],
    [JSON.stringify({ ...STUDY, namingPattern: '(a+)+(?<well>b)' }), 'repeats the group (a+)'],
    [JSON.stringify({ ...STUDY, namingPattern: 'x(?<day>.)' }), 'names no well'],
    ['null', 'study.json'],
    [zoned('2026-03-02T09:00:00Z', 'Europe/Zurich'), 'firstDosing.at: ends with Z although timeZone is given'],
    [zoned('2026-03-02T09:00:00+01:00', 'Europe/Zurich'), 'firstDosing.at: is not a local time'],
    [zoned('2026-03-02T09:00:00', 'Europe/Zurigo'), 'firstDosing.timeZone: is not a time zone name'],
    [zoned('2026-02-30T09:00:00', 'Europe/Zurich'), 'firstDosing.at'],
    [JSON.stringify({ ...STUDY, brightfieldChannel: 2 }), 'brightfieldChannel'],
  ])('%s is refused, naming what', (text, named) =>
    expect(() => parseStudy(text, 'exports/s/study.json')).toThrow(named),
  );

  it('throws nothing but NotesError, whatever is written as a time', () => {
    const anyTime = fc.oneof(
      fc.string(),
      fc.date().map(String),
      fc.constantFrom('+010000-01-01T00:00:00', '9999-12-31T23:59:59'),
    );
    fc.assert(
      fc.property(anyTime, fc.constantFrom('UTC', 'Pacific/Apia', 'America/Caracas', '+01:00', ''), (at, timeZone) => {
        for (const firstDosing of [at, { at, timeZone }]) {
          try {
            study({ firstDosing });
          } catch (error) {
            expect(error).toBeInstanceOf(NotesError);
          }
        }
      }),
    );
  });

  // The offset of the local time read as UTC is not yet the one that holds at that local time.
  it.each([
    ['2026-03-29T01:30:00', 'Europe/Zurich', '2026-03-29T00:30:00.000Z', 60],
    ['2026-03-29T03:30:00', 'Europe/Zurich', '2026-03-29T01:30:00.000Z', 120],
    ['2026-03-08T03:30:00', 'America/New_York', '2026-03-08T07:30:00.000Z', -240],
    ['2026-03-02T09:00:00', 'Asia/Kolkata', '2026-03-02T03:30:00.000Z', 330],
    ['2026-03-02T09:00:00', 'UTC', '2026-03-02T09:00:00.000Z', 0],
  ])('%s in %s is %s', (at, timeZone, utc, utcOffsetMinutes) =>
    expect(study({ firstDosing: { at, timeZone } }).firstDosing).toEqual({ at: utc, utcOffsetMinutes }),
  );

  it('takes an offset to the west', () =>
    expect(study({ firstDosing: '2026-03-02T09:00:00-03:30' }).firstDosing).toEqual({
      at: '2026-03-02T12:30:00.000Z',
      utcOffsetMinutes: -210,
    }));
});

describe('a naming pattern', () => {
  const check = (pattern: string) => () => compileNamingPattern(pattern, 'study.json');

  it.each([
    '^((?<well>[A-Za-z0-9_]+))+!$',
    '^(\\w|-|[A-Za-z])+_(?<well>[A-H]\\d+)',
    '(?:a+)*(?<well>b)',
    '(?:(?:ab))+(?<well>b)',
    '(?:a|a){30}(?<well>b)',
    '(?:a?){2,}(?<well>b)',
    '(?<well>(?:a{2})+?b)',
    '(?:x[)]+)+(?<well>b)',
    '(?:x\\)+)+(?<well>b)',
  ])('%s is refused: it could run for ever', (pattern) => expect(check(pattern)).toThrow('repeats the group'));

  it('may not hold wildcards without end', () =>
    expect(check('.*_.*_.*_.+_(?<well>[A-H]\\d+)')).toThrow('holds .* or .+ 4 times'));

  it.each([
    '^day(?<day>\\d+)/(?<date>\\d{8}T\\d{6})_(?<well>[A-H]\\d{2})\\.png$',
    '(?<well>[A-P]\\d{1,2})(?:_s(?<field>\\d+))?(?:_w(?<channel>\\d+|BF))?\\.tif$',
    '.*/(?:ab)+_(?<well>[A-P][0-9]+)',
    '(?:[(+|*)])+(?<well>[A-P][0-9]+)',
    '(?<=x_)(?<row>\\d+)-(?<column>\\d+)',
    '.*_.*_.+_(?<well>[A-P][0-9]+)',
  ])('%s is fine', (pattern) => expect(check(pattern)).not.toThrow());
});

describe('platemap.csv', () => {
  const parse = (csv: string) => parsePlateMap(csv, 'exports/s/P/platemap.csv');

  it('reads commas, semicolons with decimal commas, and a byte-order mark', () => {
    const comma = parse('well,compound,concentration_uM,role\na1,x,0.5,treated\n');
    const semicolon = parse('\uFEFFwell;compound;concentration_uM;role\r\nA01;x;0,5;treated\r\n');
    expect([...semicolon.wells]).toEqual([...comma.wells]);
  });

  it.each([
    ['quoted, as R writes it', '"well","compound","concentration_uM","role"\n"A01","x",0.5,"treated"\n'],
    [
      'with row numbers, as R writes it too',
      '"","well","compound","concentration_uM","role"\n"1","A01","x",0.5,"treated"\n',
    ],
    ['quoted, with semicolons', '"well";"compound";"concentration_uM";"role"\n"A01";"x";"0,5";"treated"\n'],
    ['with tabs', 'well\tcompound\tconcentration_uM\trole\nA01\tx\t0,5\ttreated\n'],
    ['with empty rows', 'well,compound,concentration_uM,role\n\n,,,\nA01,x,0.5,treated\n , ,,\n,,,\n'],
    ['with spaces', ' well , compound ,concentration_uM, role\n A01 , x , 0.5 , Treated \n'],
    ['with a semicolon in a further column', 'well,compound,concentration_uM,role,"note; free"\nA01,x,.5,treated,a\n'],
    ['with exponents', 'well,compound,concentration_uM,role\nA01,x,5e-1,treated\n'],
  ])('is understood %s', (_, csv) =>
    expect([...parse(csv).wells.values()]).toEqual([
      { well: { row: 0, column: 0 }, name: 'A01', compound: 'x', concentration_uM: 0.5, role: 'treated' },
    ]),
  );

  it('leaves empty cells empty, also between tabs', () =>
    expect(
      parse('well\tcompound\tconcentration_uM\trole\nA01\t\t\tblank\nA02\tdmso\t\t\n').wells.get('A02'),
    ).toMatchObject({
      compound: 'dmso',
      concentration_uM: 0,
      role: undefined,
    }));

  it('lets the map’s role win over control names', () => {
    const wells = parse('well,compound,concentration_uM,role\nA1,DMSO,0,\nA2,dmso,0,blank\nA3,y,1,\n').wells;
    const roles = [...wells.values()].map((entry) => roleOf(entry, study()));
    expect(roles).toEqual(['vehicle', 'blank', 'treated']);
  });

  it.each([
    ['well,compound,concentration_uM,role\nZ99,x,1,treated', 'row 2: "Z99" is not a well'],
    ['well,compound,concentration_uM,role\nA1,x,1,treated\na01,y,1,treated', 'row 3: well A01 stands twice'],
    ['well,compound,concentration_uM,role\nA1,x,much,treated', 'row 2: "much" is not a concentration'],
    ['well,compound,concentration_uM,role\nA1,x,0,treated', 'row 2: a treated well needs'],
    ['well,compound,concentration_uM,role\nA1,x,1,hero', 'row 2: "hero" is not a role'],
    [
      'well,compound,concentration_uM,role\nA1,x,"1,000",treated',
      'row 2: "1,000" is not a concentration. A comma may mean',
    ],
    ['well,compound,concentration_uM,role\nA1,x,0x10,treated', 'row 2: "0x10" is not a concentration'],
    ['well,compound,concentration_uM,role\nA1,x,-1,treated', 'row 2: "-1" is not a concentration'],
    ['well;compound;concentration_uM;role\nA1;x;1.000,5;treated', 'row 2: "1.000,5" is not a concentration'],
    ['well,compound,concentration_uM,role\n\n,,,\nA1,x,much,treated', 'row 4: "much" is not a concentration'],
    ['compound,concentration_uM\nx,1', 'has no column well'],
    ['well,compound\nA1,x', 'has no column concentration_uM'],
    ['well,compound,concentration_uM,role\n', 'holds no wells'],
  ])('%j is refused, naming the row', (csv, message) => expect(() => parse(csv)).toThrow(message));
});

describe('decimal numbers', () => {
  it.each([
    ['1000', 1000],
    [' 0.5 ', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e-3', -0.001],
    ['+2E2', 200],
  ])('"%s" is %d', (text, value) => {
    expect(parseDecimal(text, false)).toBe(value);
    expect(parseDecimal(text, true)).toBe(value);
  });

  it('take a comma only where the file says that it is a decimal comma', () => {
    expect(parseDecimal('1,5', true)).toBe(1.5);
    expect(parseDecimal('1,5', false)).toBeUndefined();
  });

  it.each(['', ' ', '0x10', '1,000.5', '1.000,5', '1,000,000', 'NaN', 'Infinity', '1e999', '1 000', '.', '1e', '٣'])(
    '"%s" is none',
    (text) => {
      expect(parseDecimal(text, false)).toBeUndefined();
      expect(parseDecimal(text, true)).toBeUndefined();
    },
  );
});
