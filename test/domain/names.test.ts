import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKey } from '../../lambdas/domain/keys.ts';
import { parseImagePath } from '../../lambdas/domain/naming.ts';
import { PLATE_FORMATS, parseWell, smallestFormatFor, wellName } from '../../lambdas/domain/well.ts';

describe('wells', () => {
  it.each(['A1', 'a01', 'A01', ' A001 '])('%s is A01', (text) =>
    expect(wellName(parseWell(text) ?? { row: -1, column: -1 })).toBe('A01'),
  );

  it.each(['', 'A', '1', 'A0', 'A49', 'AG1', 'ZZ1', 'A1B', '1A'])('"%s" is no well', (text) =>
    expect(parseWell(text)).toBeUndefined(),
  );

  it('has a name for every well of every format, and back', () => {
    for (const { rows, columns } of PLATE_FORMATS) {
      for (let row = 0; row < rows; row += 1)
        for (let column = 0; column < columns; column += 1)
          expect(parseWell(wellName({ row, column }))).toEqual({ row, column });
    }
  });

  it('finds the smallest plate', () => {
    expect(smallestFormatFor([{ row: 1, column: 2 }]).wells).toBe(6);
    expect(smallestFormatFor([{ row: 7, column: 11 }]).wells).toBe(96);
    expect(smallestFormatFor([{ row: 8, column: 0 }]).wells).toBe(384);
  });
});

describe('keys', () => {
  it.each([
    ['exports/s/study.json', { kind: 'study-notes', study: 's' }],
    ['exports/s/P 1/platemap.csv', { kind: 'plate-map', study: 's', plate: 'P 1' }],
    ['exports/s/P1/day7/a_B03.TIF', { kind: 'image', study: 's', plate: 'P1', path: 'day7/a_B03.TIF' }],
    ['exports/s/P1/a_B03_thumb.tif', { kind: 'other' }],
    ['exports/s/P1/._a_B03.tif', { kind: 'other' }],
    ['exports/s/P1/notes.docx', { kind: 'other' }],
    ['exports/s/image.tif', { kind: 'other' }],
    ['provenance/s/x.json', { kind: 'other' }],
  ])('%s', (key, parsed) => expect(parseKey(key)).toEqual(parsed));
});

describe('generic image names', () => {
  it.each([
    ['day7/MLS11 spheroids_B03ED7830C1-080C-4F57-A150-AFB84B689C3B.tif', { well: 'B03', day: 7 }],
    ['MLS11 spheroids_G12FD5BE0AF-0E61-4F21-8065-1240F60CD24E.tif', { well: 'G12' }],
    ['Projection-Mix_E07_s1_w1E78EB128-BD0D-4D94-A6AD-3FF28BB1B105.tif', { well: 'E07', field: '1', channel: '1' }],
    ['PNC_n3_18T40670_t0_A01_s0_w0_z0.tif', { well: 'A01', field: '0', z: '0', channel: '0' }],
    ['VID9955_Phase_C4_1_00d00h10m.tif', { well: 'C04', field: '1', day: 0 }],
    ['VID1335_A7_1_05d05h00m.jpg', { well: 'A07', field: '1', day: 5 }],
    [
      'HCT116_SpheroidProliferation_PhaseContrast_raw_B3_1_2025y05m10d_18h00m.tif',
      { well: 'B03', takenAt: '2025-05-10T18:00:00' },
    ],
    ['A10_02_1_1_Bright Field_001.tif', { well: 'A10' }],
    ['ZProj[Stitched[Bright Field]]_C3_1_001.tif', { well: 'C03' }],
    ['Images/r03c11f02p01-ch1sk1fk1fl1.tiff', { well: 'C11', field: '02', z: '01' }],
    ['20170615-Kim2-x_C10_T0001F001L01A01Z01C01.tif', { well: 'C10' }],
    ['D6_auto_Plate_M_p00_z00_0_A01f00d0.TIF', { well: 'A01', z: '00' }],
    ['D00_A2_113992_original.tiff', { well: 'A02', day: 0 }],
    ['P2_08_A06_04x_001.tiff', { well: 'A06' }],
    ['D07/P1_D03.tif', { well: 'D03', day: 7 }],
    ['2026/day 10/x_AF48.png', { well: 'AF48', day: 10 }],
  ])('%s', (path, expected) => expect(parseImagePath(path)).toMatchObject(expected));

  it('does not guess between two wells', () => {
    expect(parseImagePath('x_B03_C04.tif').well).toBeUndefined();
    expect(parseImagePath('x_B03_C04.tif').reason).toContain('B03 and C04');
  });

  it('says when there is none', () => expect(parseImagePath('day3/final.tif').reason).toContain('names no well'));

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 600 }), (path) => void parseImagePath(path)));
  });
});

describe('a naming pattern of the study', () => {
  it('reads letters and numbers for rows', () => {
    expect(parseImagePath('x/day3/r2-c11.png', 'day(?<day>\\d+)/r(?<row>\\d+)-c(?<column>\\d+)')).toMatchObject({
      well: 'B11',
      day: 3,
    });
  });

  it('says when a path does not match', () =>
    expect(parseImagePath('a.png', '(?<well>[A-H]\\d{2})').reason).toContain('namingPattern'));
});
