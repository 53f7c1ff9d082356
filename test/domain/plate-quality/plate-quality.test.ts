/** Whole plates: simulated ones with a known effect of place, and wells that must or must not be left out. */
import { describe, expect, it } from 'vitest';
import { suspectedByBackground } from '../../../lambdas/domain/plate-quality/background.ts';
import { malformedOnDayZero } from '../../../lambdas/domain/plate-quality/day-zero.ts';
import { type PlateQualityInput, plateQuality } from '../../../lambdas/domain/plate-quality/index.ts';
import type { QualityWell } from '../../../lambdas/domain/plate-quality/wells.ts';
import { effectPlate, PLACE_EFFECTS, type PlaceEffect } from '../../../simulation/effect-plate.ts';
import { seededRandom } from '../../../simulation/random.ts';
import { qualityWell, untreatedWell, vehicleColumn, vehicleWell } from './wells.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

function drawn(seed: number, effect: PlaceEffect, more: { layout?: 'rows' | 'scattered'; plateLevel?: number } = {}) {
  const design = { compounds: 16, doses: 8, vehicleWells: 16, controlCv: 0.12, layout: 'scattered' as const };
  return effectPlate({ ...design, effect, plateLevel: 1, ...more }, seededRandom(seed)).wells;
}
const qualityOf = (wells: readonly QualityWell[], over: Partial<PlateQualityInput> = {}) =>
  plateQuality({ wells, used: wells, excluded: new Map(), positiveControls: [], ...over });
const measures = (seed: number, effect: PlaceEffect) =>
  qualityOf(drawn(seed, effect)).findings.map(({ measure }) => measure);

describe('a plate', () => {
  it('without an effect of place is never rejected, and no treated well is left out', () => {
    for (const seed of SEEDS) {
      const { verdict, leftOut } = qualityOf(drawn(seed, PLACE_EFFECTS.none));
      expect(verdict).not.toBe('reject');
      expect(leftOut).toEqual([]);
    }
  });

  it.each([
    ['edge', PLACE_EFFECTS['edge −25 %'], 'edge'],
    ['row', ({ row }: { row: number }) => 1 - 0.4 * row, 'row-drift'],
    ['column', ({ column }: { column: number }) => 1 - 0.4 * column, 'column-drift'],
    ['corner', PLACE_EFFECTS['a corner −60 %'], 'spatial-pattern'],
  ])('with an effect of the %s says so', (_name, effect, measure) => {
    const named = SEEDS.filter((seed) => measures(seed, effect).includes(measure));
    expect(named.length).toBeGreaterThan(0.5 * SEEDS.length);
    const falsely = SEEDS.filter((seed) => measures(seed, PLACE_EFFECTS.none).includes(measure));
    expect(falsely.length).toBeLessThan(0.2 * SEEDS.length);
  });

  it('with stripes across rows of compounds says so although no control lies in them', () => {
    const stripes = PLACE_EFFECTS['every third column −40 %'];
    const { findings } = qualityOf(drawn(3, stripes, { layout: 'rows' }));
    expect(findings.map(({ measure }) => measure)).toContain('spatial-pattern');
  });

  it('reads the same at any level of the whole plate, in any order of wells', () => {
    const round = (value: unknown) => JSON.stringify(value, (_k, v) => (typeof v === 'number' ? v.toPrecision(6) : v));
    const plain = qualityOf(drawn(5, PLACE_EFFECTS['edge −25 %']));
    const scaled = drawn(5, PLACE_EFFECTS['edge −25 %'], { plateLevel: 0.6 });
    for (const wells of [scaled, [...scaled].reverse()]) {
      const { spatial, controls } = qualityOf(wells);
      // NRFE cuts values at 0 and 1 of the level, which scaling keeps.
      expect(round([spatial, controls])).toBe(round([plain.spatial, plain.controls]));
    }
  });

  it('of few wells has nothing to say, and says why', () => {
    const { verdict, spatial, controls, replicates } = qualityOf([vehicleWell('A01', 1), qualityWell('B01', 0.4)]);
    expect(verdict).toBe('accept');
    expect(spatial).toMatchObject({ edge: null, rowDrift: null, nrfe: null, neighbours_z: null });
    expect(spatial.missing).toHaveLength(4);
    expect([controls.vehicleCv, replicates.sd]).toEqual([null, null]);
  });

  it.each([
    [[0.9, 1, 1.1, 0.95, 1.02, 0.98], 'accept'],
    [[0.7, 1, 1.3, 0.75, 1.2, 0.9], 'review'],
    [[0.4, 1, 1.8, 0.5, 1.5, 0.9], 'reject'],
  ])('whose vehicle wells read %j is for %s', (viabilities, verdict) => {
    expect(qualityOf(vehicleColumn(...viabilities)).verdict).toBe(verdict);
  });

  it('is rejected where vehicle and positive control overlap', () => {
    const killer = { compound: 'killer', concentration_uM: 10 };
    const positive = [0.5, 0.9, 0.6, 0.8].map((viability, i) => qualityWell(`A1${i}`, viability, killer));
    const wells = [...vehicleColumn(0.9, 1, 1.1, 1), ...positive];
    const { findings } = qualityOf(wells, { positiveControls: ['killer'] });
    expect(findings.find(({ measure }) => measure === 'z-prime')?.verdict).toBe('reject');
    expect(qualityOf(wells).verdict).toBe('accept');
  });
});

describe('left out', () => {
  const controls = vehicleColumn(0.95, 1, 1.05, 1, 0.98, 1.02);

  it('are wells that a person excluded, before anything is measured', () => {
    const wells = [...controls, vehicleWell('G01', 0.01)];
    const { leftOut, controls: found } = qualityOf(wells, { excluded: new Map([['G01', 'excluded by Ada: empty']]) });
    expect(leftOut).toEqual([{ well: 'G01', reason: 'excluded by Ada: empty' }]);
    expect(found.vehicleWells).toBe(6);
  });

  it('is a control well that is odd, but no treated well, whatever it reads', () => {
    const wells = drawn(7, PLACE_EFFECTS.none);
    const control = wells.find(({ role }) => role === 'vehicle')?.well;
    const treated = wells.find(({ role, concentration_uM }) => role === 'treated' && concentration_uM < 1)?.well;
    const spoilt = wells.map((well) =>
      well.well === control || well.well === treated ? { ...well, viability: 0.02 } : well,
    );
    const { leftOut, outliers, wells: counting } = qualityOf(spoilt);
    expect(leftOut).toEqual([{ well: control, reason: expect.stringMatching(/odd control: reads 0\.02/) }]);
    expect(outliers.map(({ well }) => well).sort()).toEqual([control, treated].sort());
    expect(counting).toBe(wells.length - 1);
  });

  it('is no control of a plate of which most wells are dead: those agree with each other, and say nothing of controls', () => {
    const random = seededRandom(11);
    const scatter = (viability: number) => viability * (0.65 + 0.7 * random());
    const leftOut = Array.from({ length: 20 }, () => {
      const treated = Array.from({ length: 16 * 8 }, (_, i) => {
        const [compound, dose] = [i % 16, Math.floor(i / 16)];
        return qualityWell(`${'ABCDEFGHIJKLMNOP'.charAt(compound)}0${dose + 2}`, scatter(dose < 2 ? 1 : 0.01), {
          compound: `drug${compound}`,
          concentration_uM: 10 ** (dose - 2),
        });
      });
      return qualityOf([...treated, ...vehicleColumn(...Array.from({ length: 16 }, () => scatter(1)))]).leftOut;
    });
    expect(leftOut.flat()).toEqual([]);
  });

  it('is none of them that a person vouches for', () => {
    const wells = [...controls, vehicleWell('G01', 0.9, { flags: ['no-spheroid'] })];
    expect(qualityOf(wells, { kept: new Set(['G01']) }).leftOut).toEqual([]);
    const many = [
      ...vehicleColumn(...Array.from({ length: 12 }, (_, i) => 1 + 0.01 * (i % 3))),
      vehicleWell('P01', 0.1),
    ];
    expect(qualityOf(many).leftOut.map(({ well }) => well)).toEqual(['P01']);
    expect(qualityOf(many, { kept: new Set(['P01']) }).leftOut).toEqual([]);
  });

  it('is an empty frame of a control, but not of a treated well, whose drug may have dissolved it', () => {
    const flags = ['no-spheroid'];
    const wells = [...controls, vehicleWell('G01', 0.9, { flags }), qualityWell('H01', 0.1, { flags })];
    expect(qualityOf(wells).leftOut).toEqual([{ well: 'G01', reason: expect.stringContaining('no-spheroid') }]);
  });

  it('are no controls at all where many are odd: then it is how they are', () => {
    const flags = ['no-spheroid'];
    const wells = [1, 2, 3, 4].map((i) => untreatedWell(`A0${i}`, 1, i < 3 ? { flags } : {}));
    expect(qualityOf(wells).leftOut).toEqual([]);
  });

  it('is any well that the camera did not see', () => {
    const wells = [...controls, qualityWell('H01', 0.5, { flags: ['too-dark'] })];
    expect(qualityOf(wells).leftOut.map(({ well }) => well)).toEqual(['H01']);
  });
});

describe('on day 0', () => {
  const sized = (diameters: number[]) =>
    diameters.map((diameter, i) => qualityWell(`A${String(i + 1).padStart(2, '0')}`, 1, { diameter }));

  it('names spheroids of another size than the plate’s, and wells without', () => {
    const wells = [
      ...sized([0.3, 0.31, 0.29, 0.3, 0.32, 0.28, 0.15]),
      qualityWell('B01', 1, { flags: ['no-spheroid'] }),
    ];
    expect([...malformedOnDayZero(wells).keys()]).toEqual(['A07', 'B01']);
  });

  it('names none where sizes just vary, or where a third is odd', () => {
    expect(malformedOnDayZero(sized([0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.3])).size).toBe(0);
    const empty = [1, 2, 3, 4].map((i) => qualityWell(`B0${i}`, 1, { flags: ['no-spheroid'] }));
    expect(malformedOnDayZero([...sized([0.3, 0.3, 0.31, 0.3, 0.29, 0.3]), ...empty]).size).toBe(0);
  });
});

describe('a background that changes with dose', () => {
  const vehicles = [0.6, 0.61, 0.6, 0.59].map((background, i) => vehicleWell(`A0${i + 1}`, 1, { background }));
  const doses = (backgrounds: number[]) =>
    backgrounds.map((background, i) =>
      qualityWell(`B0${i + 1}`, 1, { background, concentration_uM: 10 ** i, compound: 'Rifampicin' }),
    );

  it('is suspected to be colour or precipitate, from the dose where it begins', () => {
    const [found] = suspectedByBackground([...vehicles, ...doses([0.6, 0.6, 0.61, 0.5, 0.42])]);
    expect(found).toMatchObject({ compound: 'Rifampicin', from_uM: 1000 });
    expect(found?.change).toBeCloseTo(-0.3, 5);
  });

  it.each([
    ['that stays', [0.6, 0.61, 0.6, 0.59, 0.6]],
    ['that is off at every dose alike', [0.4, 0.4, 0.4, 0.4, 0.4]],
    ['that is off in the middle only', [0.6, 0.6, 0.4, 0.6, 0.6]],
  ])('is not suspected of one %s', (_what, backgrounds) => {
    expect(suspectedByBackground([...vehicles, ...doses(backgrounds)])).toEqual([]);
  });
});
