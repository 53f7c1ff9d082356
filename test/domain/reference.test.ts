/** The drug reference, and which spellings are one compound. */
import { describe, expect, it } from 'vitest';
import { NotesError } from '../../lambdas/domain/notes/notes-error.ts';
import { compoundKey, parseReference } from '../../lambdas/domain/reference.ts';

const HEADER = 'compound,cmax_uM,cmax_min_uM,cmax_max_uM,dilirank';
const reference = parseReference(
  [
    HEADER,
    'valproic acid,721,600,800,Most-DILI-Concern',
    'troglitazone,6.39,,,Less-DILI-Concern',
    'aspirin,5.6,,,No-DILI-Concern',
    'caffeine,70,,,Ambiguous DILI-concern',
    'CPD-11,3,,,',
  ].join('\n'),
);

describe('spellings', () => {
  it.each([
    ['Valproic Acid', 'valproic-acid'],
    ['VALPROIC_ACID', 'valproicacid'],
    ['valproic\u2011acid', 'valproic \u2013 acid'],
    ['CPD 1-1', 'cpd1_1'],
    ['  aspirin ', 'Aspirin'],
    ['cafe\u0301ine', 'caféine'],
  ])('%s and %s are one compound', (a, b) => expect(compoundKey(a)).toBe(compoundKey(b)));

  it.each([
    ['CPD-1-1', 'CPD-11'],
    ['CPD-1-1-1', 'CPD-1-11'],
    ['aspirin', 'aspirine'],
  ])('%s and %s are two', (a, b) => expect(compoundKey(a)).not.toBe(compoundKey(b)));

  it('find the compound', () => {
    expect(reference.find('Valproic-Acid')).toMatchObject({ cmax_uM: 721, cmaxRange_uM: [600, 800], dili: 1 });
    expect(reference.find('CPD-1-1')).toBeUndefined();
  });
});

describe('DILI labels', () => {
  it.each([
    ['valproic acid', 1],
    ['troglitazone', 1],
    ['aspirin', 0],
    ['caffeine', undefined],
    ['CPD-11', undefined],
  ])('%s is %s', (name, dili) => expect(reference.find(name)?.dili).toBe(dili));
});

describe('near names', () => {
  it.each([
    ['troglitazon', ['troglitazone']],
    ['valproate', ['valproic acid']],
    ['asprin', ['aspirin']],
    ['zzzzzzzz', []],
    ['', []],
  ])('of "%s"', (name, near) => expect(reference.near(name)).toEqual(near));
});

describe('a file', () => {
  it('is named with its row where it cannot be used', () => {
    expect(() => parseReference(`${HEADER}\nx,much,,,`)).toThrow(/row 2.*not a number/);
    expect(() => parseReference(`${HEADER}\ndrug-a,1,,,\nDrug A,2,,,`)).toThrow(NotesError);
  });

  it('keeps the digest that it came with', () => {
    expect(parseReference(HEADER, { sha256: 'abc' }).sha256).toBe('abc');
    expect(reference.sha256).toBeUndefined();
  });
});
