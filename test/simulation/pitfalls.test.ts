/** What an image model cannot see or mistakes: drawn as what it is, beside the same well without it. */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { median } from '../../lambdas/domain/statistics.ts';
import { toEightBit } from '../../lambdas/imaging/model-input.ts';
import { assessQuality } from '../../lambdas/imaging/quality.ts';
import { DRAWN_BY_FILE, isDrawn } from '../../simulation/pitfalls/drawn-by.ts';
import { planPitfalls } from '../../simulation/pitfalls/plan.ts';
import { suspectedRows } from '../../simulation/pitfalls/suspected.ts';
import { drawRequests, writePitfalls } from '../../simulation/pitfalls/write.ts';
import { UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { PITFALLS, pitfallByName, STRENGTHS } from '../../simulation/profiles/pitfalls.ts';
import { PRECIPITATES, type PrecipitateForm } from '../../simulation/profiles/precipitate.ts';
import { renderWell, type WellSpecification } from '../../simulation/render/index.ts';

const SIDE = 384;
const FULL = 2 ** UNSEEN_MECHANISM.microscope.bitDepth - 1;
const FORMS = Object.keys(PRECIPITATES) as PrecipitateForm[];

/** In the middle of the frame, so that the middle pixels are the spheroid's. */
const mechanism = { ...UNSEEN_MECHANISM, cellModel: { ...UNSEEN_MECHANISM.cellModel, offCentre: 0 } };
const draw = (pitfall: Partial<WellSpecification> = {}, seed = 5): Uint16Array =>
  renderWell({ mechanism, viability: 1, seed, side: SIDE, ...pitfall }).pixels;

const lightOf = (pixels: Uint16Array): number => median([...pixels]) / FULL;
const middleOf = (pixels: Uint16Array): number => {
  const values: number[] = [];
  for (let y = SIDE / 2 - 20; y < SIDE / 2 + 20; y += 1)
    for (let x = SIDE / 2 - 20; x < SIDE / 2 + 20; x += 1) values.push(pixels[y * SIDE + x] ?? 0);
  return median(values) / FULL;
};
/** Share of the pixels that differ by more than 3 % of full scale. */
const changed = (a: Uint16Array, b: Uint16Array): number =>
  a.filter((value, i) => Math.abs(value - (b[i] ?? 0)) > 0.03 * FULL).length / a.length;

describe.each(FORMS)('precipitate: %s', (form) => {
  const without = draw();
  const at = (amount: number): Uint16Array => draw({ precipitate: { form, amount } });

  it('leaves the picture under it as it is: none of it changes nothing, a little changes little', () => {
    expect(at(0)).toEqual(without);
    const little = at(0.03);
    expect(little).not.toEqual(without);
    expect(changed(little, without)).toBeLessThan(0.02);
  });

  it('covers more the more there is, and takes light', () => {
    const shares = STRENGTHS.map((amount) => changed(at(amount), without));
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    const total = (pixels: Uint16Array): number => pixels.reduce((sum, value) => sum + value, 0);
    expect(total(at(1))).toBeLessThan(total(without));
  });

  it('lies in focus in one picture and out of it in another', () => {
    const sharpest = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const [a, b] = [draw({ precipitate: { form, amount: 0.3 } }, seed), draw({}, seed)];
      const layer = a.map((value, i) => Math.abs(value - (b[i] ?? 0)));
      return layer.reduce((most, value) => Math.max(most, value), 0) / FULL;
    });
    expect(Math.max(...sharpest)).toBeGreaterThan(1.3 * Math.min(...sharpest));
  });
});

describe('a coloured compound', () => {
  const without = draw();

  it('in the medium takes its share of light from the whole field (Beer-Lambert)', () => {
    const dimmed = draw({ colour: { medium: 0.3, spheroid: 0 } });
    expect(lightOf(dimmed) / lightOf(without)).toBeCloseTo(10 ** -0.3, 2);
    expect(middleOf(dimmed) / middleOf(without)).toBeCloseTo(10 ** -0.3, 1);
  });

  it('in the cells takes light from the spheroid alone', () => {
    const stained = draw({ colour: { medium: 0, spheroid: 0.3 } });
    expect(lightOf(stained) / lightOf(without)).toBeCloseTo(1, 2);
    expect(middleOf(stained) / middleOf(without)).toBeLessThan(0.65);
  });
});

describe('the set', () => {
  const rows = planPitfalls(2);

  it('has each well as it is and with every pitfall at every strength', () => {
    expect(rows).toHaveLength(12 * 2 * (1 + PITFALLS.length * STRENGTHS.length));
    expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index));
    for (const row of rows) {
      const matched = rows[row.matched];
      expect(matched).toMatchObject({ plate: row.plate, mechanism: row.mechanism, phenomenon: '', role: 'untreated' });
      expect(row.viability_true).toBeCloseTo(
        (matched?.viability_true ?? 0) * (1 - (row.phenomenon ? pitfallByName(row.phenomenon).lost(row.strength) : 0)),
        3,
      );
    }
    const unseen = rows.filter((row) => row.mechanism === UNSEEN_MECHANISM.name);
    expect(unseen).toHaveLength(rows.length / 2);
  });

  it('draws a loss without a trace as the living well that it was', () => {
    const requests = drawRequests(rows);
    for (const row of rows.filter(({ phenomenon }) => phenomenon === 'loss-without-trace')) {
      const { viability, seed } = requests[row.row] ?? {};
      expect({ viability, seed }).toEqual({
        viability: rows[row.matched]?.viability_true,
        seed: requests[row.matched]?.seed,
      });
      expect(pitfallByName(row.phenomenon).drawn(row.strength)).toEqual({});
      expect(row.viability_true).toBeLessThan(viability ?? 0);
    }
  });

  it('names a pitfall that there is none of', () => {
    expect(() => pitfallByName('fog')).toThrow(/no pitfall fog; there are precipitate-needles/);
  });
});

describe('a written set', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvir-pitfalls-'));
  let lines: Record<string, string>[];
  let images: Buffer;
  beforeAll(async () => {
    await writePitfalls(folder, planPitfalls(1).slice(0, 1 + PITFALLS.length * STRENGTHS.length));
    lines = parse(readFileSync(join(folder, 'index.csv'), 'utf8'), { columns: true });
    images = readFileSync(join(folder, 'images.npy')).subarray(128);
  }, 60_000);

  const inputOf = (row: string | undefined): Buffer =>
    images.subarray(Number(row) * 65_536, (Number(row) + 1) * 65_536);

  it('is known again, and told from another plan and from a folder without its note', () => {
    const rows = planPitfalls(1).slice(0, 1 + PITFALLS.length * STRENGTHS.length);
    expect(isDrawn(folder, rows)).toBe(true);
    expect(isDrawn(folder, rows.slice(1))).toBe(false);
    expect(isDrawn(join(folder, 'nowhere'), rows)).toBe(false);
  });

  it.each([
    ['images.npy', () => undefined],
    ['images.npy', (content: Buffer) => content.subarray(0, -1)],
    ['index.csv', () => undefined],
  ])('is none without the whole of %s', (name, left) => {
    const rows = planPitfalls(1).slice(0, 1 + PITFALLS.length * STRENGTHS.length);
    const part = mkdtempSync(join(tmpdir(), 'nvir-pitfalls-part-'));
    cpSync(folder, part, { recursive: true });
    expect(isDrawn(part, rows)).toBe(true);
    const content = left(readFileSync(join(part, name)));
    rmSync(join(part, name));
    if (content) writeFileSync(join(part, name), content);
    expect(isDrawn(part, rows)).toBe(false);
    rmSync(part, { recursive: true });
  });

  it('that is cut off while it is drawn anew is no set', async () => {
    const cut = mkdtempSync(join(tmpdir(), 'nvir-pitfalls-cut-'));
    for (const name of ['index.csv', DRAWN_BY_FILE]) copyFileSync(join(folder, name), join(cut, name));
    const stop = (): never => {
      throw new Error('stopped');
    };
    await expect(writePitfalls(cut, planPitfalls(1).slice(0, 2), stop)).rejects.toThrow('stopped');
    expect(readdirSync(cut)).toEqual(['images.npy']);
  });

  it('has an image a row, those of a loss without a trace the same to the bit as without it', () => {
    expect(images).toHaveLength(lines.length * 65_536);
    const [other] = lines.filter(({ phenomenon }) => phenomenon === 'coloured-medium');
    expect(inputOf(other?.['row']).equals(inputOf(other?.['matched']))).toBe(false);
    for (const { row, matched } of lines.filter(({ phenomenon }) => phenomenon === 'loss-without-trace'))
      expect(inputOf(row).equals(inputOf(matched))).toBe(true);
  });

  it('has what imaging measures of every frame', () => {
    const share = ({ background, matched }: Record<string, string>): number =>
      Number(background) / Number(lines[Number(matched)]?.['background']);
    const top = lines.filter(({ strength }) => strength === '1');
    for (const line of top.filter(({ phenomenon }) => phenomenon === 'coloured-medium'))
      expect(share(line)).toBeCloseTo(10 ** -0.5, 1);
    for (const line of top.filter(({ phenomenon }) => phenomenon === 'coloured-cells'))
      expect(share(line)).toBeCloseTo(1, 1);
  });
});

describe('plate quality’s look at the background, of measured frames', () => {
  const rows = planPitfalls(4).filter(({ plate }) => plate === 'pitfalls-p12');
  const requests = drawRequests(planPitfalls(4));
  const backgrounds = new Map(
    rows.map(({ row, phenomenon, strength }) => {
      const { viability = 1, seed = 0 } = requests[row] ?? {};
      const pitfall = phenomenon === '' ? {} : pitfallByName(phenomenon).drawn(strength);
      const { pixels, bitDepth } = renderWell({ mechanism: UNSEEN_MECHANISM, viability, seed, side: 256, ...pitfall });
      return [row, assessQuality(toEightBit(pixels, bitDepth), 256, 256, []).exposure.background];
    }),
  );
  const suspected = suspectedRows(rows, backgrounds);
  const strengthsOf = (name: string): number[] => [
    ...new Set(rows.filter((row) => row.phenomenon === name && suspected.has(row.row)).map(({ strength }) => strength)),
  ];

  it('suspects a compound that colours the medium, from the dose on at which it stands out', () => {
    expect(strengthsOf('coloured-medium')).toEqual(expect.arrayContaining([0.3, 1]));
    expect(strengthsOf('coloured-medium')).not.toContain(0.03);
  });

  it('does not see colour in the cells alone, nor particles, which leave the median gray what it is', () => {
    for (const name of ['coloured-cells', ...FORMS.map((form) => `precipitate-${form}`)])
      expect(strengthsOf(name)).toEqual([]);
  });
});
