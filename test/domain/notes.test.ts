import { describe, expect, it } from 'vitest';
import { parsePlateMap, roleOf } from '../../lambdas/domain/platemap.ts';
import { parseStudy } from '../../lambdas/domain/study.ts';

const STUDY = { location: 'a', microscope: 'm', cellModel: 'c', firstDosing: '2026-03-02T09:00:00+01:00' };
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
    [JSON.stringify({ ...STUDY, namingPattern: '(a+)+(?<well>b)' }), 'repeats a group'],
    [JSON.stringify({ ...STUDY, namingPattern: 'x(?<day>.)' }), 'names no well'],
    ['null', 'study.json'],
  ])('%s is refused, naming what', (text, named) =>
    expect(() => parseStudy(text, 'exports/s/study.json')).toThrow(named),
  );
});

describe('platemap.csv', () => {
  const parse = (csv: string) => parsePlateMap(csv, 'exports/s/P/platemap.csv');

  it('reads commas, semicolons with decimal commas, and a byte-order mark', () => {
    const comma = parse('well,compound,concentration_uM,role\na1,x,0.5,treated\n');
    const semicolon = parse('\uFEFFwell;compound;concentration_uM;role\r\nA01;x;0,5;treated\r\n');
    expect([...semicolon.wells]).toEqual([...comma.wells]);
  });

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
    ['well,compound\nA1,x', 'has no column concentration_uM'],
    ['well,compound,concentration_uM,role\n', 'holds no wells'],
  ])('%j is refused, naming the row', (csv, message) => expect(() => parse(csv)).toThrow(message));
});
