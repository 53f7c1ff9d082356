import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKey } from '../../lambdas/domain/keys.ts';
import { namerOf, parseImagePath } from '../../lambdas/domain/naming/naming.ts';
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
    ['MLS11 spheroids_D7FD5BE0AF-0E61-4F21-8065-1240F60CD24E.tif', { well: 'D07' }],
    ['Projection-Mix_E07_s1_w1E78EB128-BD0D-4D94-A6AD-3FF28BB1B105.tif', { well: 'E07', field: '1', channel: '1' }],
    ['val screen_B02_s3_w2.tif', { well: 'B02', field: '3', channel: '2' }],
    ['TimePoint_1/ZStep_2/val screen_B02_s1_w1.tif', { well: 'B02', field: '1', z: '2', channel: '1' }],
    ['PNC_n3_18T40670_t0_A01_s0_w0_z0.tif', { well: 'A01', field: '0', z: '0', channel: '0' }],
    ['VID9955_Phase_C4_1_00d00h10m.tif', { well: 'C04', field: '1', channel: 'phase', elapsedHours: 1 / 6 }],
    ['VID9955_Phase_C4_1.tif', { well: 'C04', field: '1', channel: 'phase' }],
    ['VID1335_A7_1_05d05h00m.jpg', { well: 'A07', field: '1', channel: '1', elapsedHours: 125 }],
    [
      'HCT116_SpheroidProliferation_PhaseContrast_raw_B3_1_2025y05m10d_18h00m.tif',
      { well: 'B03', field: '1', channel: 'phasecontrast', takenAt: '2025-05-10T18:00:00' },
    ],
    ['FluorescenceGreen/x_B3_1_2025y05m10d_18h00m.tif', { well: 'B03', channel: 'fluorescencegreen' }],
    ['A10_02_1_1_Bright Field_001.tif', { well: 'A10', field: '2.1.1', channel: 'brightfield' }],
    ['A10_02_2_1_Bright_Field_001.tif', { well: 'A10', field: '2.2.1', channel: 'brightfield' }],
    ['D7_02_1_1_GFP_001.tif', { well: 'D07', field: '2.1.1', channel: 'gfp' }],
    ['P7_02_1_1_Bright Field_001.tif', { well: 'P07' }],
    ['ZProj[Stitched[Bright Field]]_C3_1_001.tif', { well: 'C03', channel: 'brightfield' }],
    ['Images/r03c11f02p01-ch1sk1fk1fl1.tiff', { well: 'C11', field: '2', z: '1', channel: '1' }],
    ['Images/r03c11f02p01-ch2sk1fk1fl1.tiff', { well: 'C11', field: '2', z: '1', channel: '2' }],
    ['20170615-Kim2-x_C10_T0001F001L01A01Z01C01.tif', { well: 'C10', field: '1', z: '1', channel: '1' }],
    ['20170615-Kim2-x_C10_T0001F002L01A01Z03C02.tif', { well: 'C10', field: '2', z: '3', channel: '2' }],
    ['20180328_TestAbs_G - 8(fld 4 wv Red - Cy5).tif', { well: 'G08', field: '4', channel: 'redcy5' }],
    ['D6_auto_Plate_M_p00_z05_0_A01f02d4.TIF', { well: 'A01', field: '2', z: '5', channel: '4' }],
    ['D00_A2_113992_original.tiff', { well: 'A02', day: 0, z: '113992' }],
    ['P2_08_A06_04x_001.tiff', { well: 'A06', field: '1' }],
    ['P2_08_A06_04x_002.tiff', { well: 'A06', field: '2' }],
    ['A01_x0_y3_w0.tif', { well: 'A01', field: '0.3', channel: '0' }],
    ['D01_x0_y3_w0.tif', { well: 'D01' }],
    ['D07/P1_D03.tif', { well: 'D03', day: 7 }],
    ['P1_day3_C4.tif', { well: 'C04', day: 3 }],
    ['2026/day 10/x_AF48.png', { well: 'AF48', day: 10 }],
    ['day7/VID1_Phase_C4_1_00d05h00m.tif', { well: 'C04', day: 7, elapsedHours: 5 }],
    ['site_2/x_B03.tif', { well: 'B03', field: '2' }],
    ['ch2/x_B03.tif', { well: 'B03', channel: '2' }],
    ['day7/PhaseContrast/x_B03_w1.tif', { well: 'B03', channel: '1-phasecontrast' }],
    ['Exp_s1_B03_s2.tif', { well: 'B03', field: '2' }],
  ])('%s', (path, expected) => expect(parseImagePath(path)).toMatchObject(expected));

  const ROWS = 'ABCDEFGHIJKLMNOP'.split('').concat(['AA', 'AB', 'AC', 'AD', 'AE', 'AF']);

  it.each(ROWS)('row %s is neither field nor channel', (row) => {
    const base = { well: `${row}07`, z: '0' };
    expect(parseImagePath(`P_${row}07_s1_w1.tif`)).toEqual({ ...base, field: '1', channel: '1' });
    expect(parseImagePath(`P_${row}07_s2_w3.tif`)).toEqual({ ...base, field: '2', channel: '3' });
    expect(parseImagePath(`Phase_${row}7_2.tif`)).toEqual({ ...base, field: '2', channel: 'phase' });
  });

  it.each('QRSTUVWXYZ'.split(''))('row %s of a 1536-well plate is one beside rows that are certain', (row) => {
    const path = `P_${row}07_s1_w2.tif`;
    expect(parseImagePath(path).well).toBeUndefined();
    const nameOf = namerOf([path, 'P_A07_s1_w2.tif']);
    expect(nameOf(path)).toEqual({ well: `${row}07`, field: '1', z: '0', channel: '2' });
  });

  it.each([
    ['P1_C4_s1_w1.tif', 'P1_C04_s01_w01.tif'],
    ['x_C04_z1.tif', 'x_C04_z001.tif'],
    ['x_C04_w0.tif', 'x_C04_w00.tif'],
  ])('%s and %s are one slot', (a, b) => expect(parseImagePath(a)).toEqual(parseImagePath(b)));

  it('does not guess between two wells', () => {
    expect(parseImagePath('x_B03_C04.tif').well).toBeUndefined();
    expect(parseImagePath('x_B03_C04.tif').reason).toContain('B03 and C04');
  });

  it.each(['P1.tif', 'P1_day3.tif', 'D7.tif', 'T1.tif', 'day3/P1.tif', 'D3_1.tif', 'P1_s1.tif', 'study_P1_day3.tif'])(
    'does not take %s for a well on its own',
    (path) => {
      expect(parseImagePath(path).well).toBeUndefined();
      expect(parseImagePath(path).reason).toContain('may be a well, or a plate, day');
    },
  );

  it('takes D7 for a well beside A7', () => {
    const nameOf = namerOf(['day3/D7.tif', 'day3/A7.tif', 'P1_day3.tif']);
    expect(nameOf('day3/D7.tif')).toMatchObject({ well: 'D07', day: 3 });
    expect(nameOf('P1_day3.tif').well).toBeUndefined();
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

  it('strips leading zeros from field, plane and channel', () => {
    const pattern = '(?<well>[A-H]\\d+)_(?<field>\\d+)_(?<z>\\d+)_(?<channel>\\w+)';
    expect(parseImagePath('A1_007_00_02.png', pattern)).toMatchObject({ field: '7', z: '0', channel: '2' });
    expect(parseImagePath('A1_10_20_BF.png', pattern)).toMatchObject({ field: '10', z: '20', channel: 'bf' });
  });

  it('says when a path does not match', () =>
    expect(parseImagePath('a.png', '(?<well>[A-H]\\d{2})').reason).toContain('namingPattern'));

  it('does not take an optional day that is not there for day 0', () =>
    expect(parseImagePath('A1_x.png', '(?:day(?<day>\\d*)_)?(?<well>[A-H]\\d+)').day).toBeUndefined());
});
