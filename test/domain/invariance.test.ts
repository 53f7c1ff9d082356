/** What must never change a score: order, duplicates, units, the names of wells, the level of a plate read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../../lambdas/domain/notes/study.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import type { CompoundScore } from '../../lambdas/domain/scoring/scores.ts';
import { normal, seededRandom } from '../../simulation/random.ts';
import { compound, DOSES, input, reading } from './plate-study.ts';

const COLUMNS = [1, 2, 3];
const notes = (cmax_uM: number) =>
  parseStudy(
    JSON.stringify({
      location: 'a',
      microscope: 'm',
      cellModel: 'c',
      firstDosing: '2026-03-02T09:00:00Z',
      imagingDays: [7],
      cmax_uM: { drugX: cmax_uM },
    }),
    'study.json',
  );

interface Well {
  name: string;
  compound: string;
  dose: number;
  viability: number;
}

/** Five doses in triplicate with noise, and six vehicle wells. */
const random = seededRandom(7);
const WELLS: Well[] = [
  ...DOSES.flatMap((dose, row) =>
    COLUMNS.map((column) => ({
      name: `${'ABCDE'[row]}0${column}`,
      compound: 'drugX',
      dose,
      viability: 1 / (1 + (dose / 20) ** 1.2) + 0.06 * normal(random),
    })),
  ),
  ...[1, 2, 3, 4, 5, 6].map((column) => ({
    name: `F0${column}`,
    compound: 'dmso',
    dose: 0,
    viability: 1 + 0.06 * normal(random),
  })),
];

const mapOf = (wells: readonly Well[], perMicromolar = 1) =>
  parsePlateMap(
    [
      'well,compound,concentration_uM,role',
      ...wells.map(({ name, compound: drug, dose }) => `${name},${drug},${dose * perMicromolar},`),
    ].join('\n'),
    'platemap.csv',
  );
const readingsOf = (wells: readonly Well[], level = 1) =>
  wells.map(({ name, viability }) => reading('P1', `day7/x_${name}.tif`, level * viability));

function scored(wells: readonly Well[], { perMicromolar = 1, level = 1, order = readingsOf(wells, level) } = {}) {
  const plates = [{ plate: 'P1', map: mapOf(wells, perMicromolar), readings: order }];
  return compound(scoreStudy(input({ notes: notes(perMicromolar), plates })), 'drugX');
}

const REFERENCE = scored(WELLS);
const withoutProvenance = (score: CompoundScore | undefined) => ({ ...score, provenance: undefined });
const ic50 = (score: CompoundScore | undefined) => score?.supported?.losses.find(({ level }) => level === 50);

describe('a score stays the same, to the last digit,', () => {
  it('in any order of readings, and with readings twice', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(readingsOf(WELLS), { minLength: WELLS.length }), (shuffled) => {
        expect(scored(WELLS, { order: shuffled })).toEqual(REFERENCE);
      }),
      { numRuns: 20 },
    );
    const again = [...readingsOf(WELLS), ...readingsOf(WELLS).slice(0, 5)];
    expect(withoutProvenance(scored(WELLS, { order: again }))).toEqual(withoutProvenance(REFERENCE));
  });

  it('when wells get other names', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          WELLS.map(({ name }) => name),
          { minLength: WELLS.length },
        ),
        (names) => {
          const relabelled = WELLS.map((well, i) => ({ ...well, name: names[i] ?? well.name }));
          expect(withoutProvenance(scored(relabelled))).toEqual(withoutProvenance(REFERENCE));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a score stays the same', () => {
  it('in nM instead of µM: concentrations a thousandfold, margins and verdict as before', () => {
    const nanomolar = scored(WELLS, { perMicromolar: 1000 });
    expect(nanomolar?.verdict).toEqual(REFERENCE?.verdict);
    expect((ic50(nanomolar)?.concentration_uM ?? 0) / 1000).toBeCloseTo(ic50(REFERENCE)?.concentration_uM ?? 0, 3);
    for (const end of ['mos', 'low', 'high'] as const)
      expect(Math.log((nanomolar?.margin?.[end] ?? 0) / (REFERENCE?.margin?.[end] ?? 1))).toBeCloseTo(0, 3);
    expect(nanomolar?.mos).toBeCloseTo(Number(REFERENCE?.mos), 4);
  });

  it('at any level of the whole plate read', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (level) => {
        const scaled = scored(WELLS, { level });
        expect(scaled?.verdict).toEqual(REFERENCE?.verdict);
        expect(Math.log((scaled?.margin?.mos ?? 0) / (REFERENCE?.margin?.mos ?? 1))).toBeCloseTo(0, 4);
        expect(Math.log((scaled?.margin?.low ?? 0) / (REFERENCE?.margin?.low ?? 1))).toBeCloseTo(0, 4);
      }),
      { numRuns: 20 },
    );
  });
});
