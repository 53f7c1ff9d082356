import { describe, expect, it } from 'vitest';
import { excludedOn, parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { parseLock } from '../../lambdas/domain/notes/lock.ts';

const HEADER = 'plate,well,day,action,name,reason,at\n';
const parse = (rows: string) => parseExclusions(HEADER + rows, 'exclusions.csv');

describe('exclusions.csv', () => {
  it('takes a well out on every day, or on one', () => {
    const rows = parse('P1,a1,,exclude,Ada,pipetted twice,2026-03-09T10:00:00Z\nP1,B02,7,,Ben,"fibre, large",\n');
    expect([...excludedOn(rows, 'P1', 7)]).toEqual([
      ['A01', 'excluded by Ada (2026-03-09T10:00:00Z): pipetted twice'],
      ['B02', 'excluded by Ben: fibre, large'],
    ]);
    expect([...excludedOn(rows, 'P1', 3).keys()]).toEqual(['A01']);
    expect(excludedOn(rows, 'P2', 7).size).toBe(0);
  });

  it('is a log: the last row about a well and day counts', () => {
    const rows = parse('P1,A01,,exclude,Ada,odd,\nP1,A01,7,include,Ben,looks well,\n');
    expect(excludedOn(rows, 'P1', 7).size).toBe(0);
    expect([...excludedOn(rows, 'P1', 3).keys()]).toEqual(['A01']);
    expect(excludedOn([...rows, ...parse('P1,A01,,exclude,Ada,no,\n')], 'P1', 7).get('A01')).toContain('Ada: no');
  });

  it('may be separated by semicolons, and may be empty', () => {
    expect(parseExclusions('plate;well;name;reason\nP1;A1;Ada;cut, moved\n', 'f')).toMatchObject([
      { well: 'A01', action: 'exclude', reason: 'cut, moved' },
    ]);
    expect(parse('')).toEqual([]);
  });

  it.each([
    ['P1,Z99,,exclude,Ada,odd,', /row 2: "Z99" is not a well/],
    ['P1,A01,soon,exclude,Ada,odd,', /"soon" is not a day/],
    ['P1,A01,,drop,Ada,odd,', /"drop" is not an action/],
    ['P1,A01,,exclude,,odd,', /says no name/],
    ['P1,A01,,exclude,Ada,,', /says no reason/],
    [',A01,,exclude,Ada,odd,', /names no plate/],
    ['P1,A01', /is not CSV/],
  ])('refuses %s', (row, error) => {
    expect(() => parse(`${row}\n`)).toThrow(error);
  });

  it('refuses a table without its columns', () => {
    expect(() => parseExclusions('well,why\nA01,odd\n', 'f')).toThrow(/no column plate/);
  });
});

describe('lock.json', () => {
  const lock = { locked: true, name: 'Ada', reason: 'report 7', at: '2026-03-09T10:00:00Z' };
  it('is read', () => expect(parseLock(JSON.stringify(lock), 'lock.json')).toEqual(lock));
  it.each([
    ['{', /is not JSON/],
    [JSON.stringify({ ...lock, name: '' }), /name/],
    [JSON.stringify({ ...lock, at: 'now' }), /at:/],
    [JSON.stringify({ ...lock, until: 'then' }), /until/],
  ])('refuses %s', (text, error) => {
    expect(() => parseLock(text, 'lock.json')).toThrow(error);
  });
});
