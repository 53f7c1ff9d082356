/** What plate quality, people's decisions and the choice of normalisation do to scores. */
import { describe, expect, it } from 'vitest';
import { parseExclusions } from '../../lambdas/domain/exclusions.ts';
import { parsePlateMap } from '../../lambdas/domain/platemap.ts';
import { scoreStudy } from '../../lambdas/domain/score-study.ts';
import type { Study } from '../../lambdas/domain/study.ts';
import { compound, day7, input, MAP, MAP_CSV, NOTES, plateRead, reading } from './plate-study.ts';

const exclusions = (rows: string) =>
  parseExclusions(`plate,well,day,action,name,reason,at\n${rows}\n`, 'exclusions.csv');
const noted = (over: Partial<Study>): Study => ({ ...NOTES, ...over });

describe('a well that a person excluded', () => {
  const scores = scoreStudy(
    input({ exclusions: exclusions('P1,A03,,exclude,Ada,two spheroids,'), exclusionsVersion: 'etag-x' }),
  );

  it('does not count, is counted as left out, and stands in the provenance with name and reason', () => {
    const score = compound(scores, 'drugA');
    expect(score?.points.map(({ concentration_uM }) => concentration_uM)).toEqual([0.1, 1, 100, 1000]);
    expect(score?.wells).toEqual({ counted: 4, leftOut: 1 });
    expect(score?.provenance.leftOut).toEqual([
      { key: 'exports/s/P1/day7/x_A03.tif', reason: 'excluded by Ada: two spheroids' },
    ]);
    expect(score?.provenance.notes.exclusions).toBe('etag-x');
    expect(score?.provenance.readings.map(({ key }) => key)).not.toContain('exports/s/P1/day7/x_A03.tif');
  });

  it('leaves other compounds alone', () => {
    expect(compound(scores, 'drugB')?.wells).toEqual({ counted: 5, leftOut: 0 });
    expect(compound(scores, 'drugB')?.provenance.leftOut).toEqual([]);
  });

  it('comes back', () => {
    const back = scoreStudy(
      input({ exclusions: exclusions('P1,A03,,exclude,Ada,two spheroids,\nP1,A03,,include,Ada,one after all,') }),
    );
    expect(compound(back, 'drugA')).toEqual(compound(scoreStudy(input()), 'drugA'));
  });

  it('which is a vehicle well changes the level, and says so in every compound of the plate', () => {
    const readings = plateRead('P1', 7).map((item) => (item.path.includes('D01') ? { ...item, viability: 0.6 } : item));
    const plates = [{ plate: 'P1', map: MAP, readings }];
    const before = scoreStudy(input({ plates }));
    const after = scoreStudy(input({ plates, exclusions: exclusions('P1,D01,7,exclude,Ada,dry,') }));
    expect(compound(before, 'drugB')?.provenance.vehicleLevels).toMatchObject([{ median: 0.8, n: 2 }]);
    expect(compound(after, 'drugB')?.provenance.vehicleLevels).toMatchObject([{ median: 1, n: 1 }]);
    expect(compound(after, 'drugB')?.provenance.leftOut).toMatchObject([{ reason: 'excluded by Ada: dry' }]);
  });

  it('of a plate or well that is not there is a problem of the study', () => {
    const { problems } = scoreStudy(input({ exclusions: exclusions('P9,A01,,,Ada,x,\nP1,H12,,,Ada,x,') }));
    expect(problems.filter((problem) => problem.includes('exclusions.csv'))).toHaveLength(2);
  });
});

describe('a plate read that plate quality rejects', () => {
  const map = parsePlateMap(`${MAP_CSV}\nE01,dmso,0,vehicle\nE02,dmso,0,vehicle\nE03,dmso,0,vehicle`, 'platemap.csv');
  const wild = [0.4, 1.8, 1, 0.5, 1.6];
  const readings = [
    ...plateRead('P1', 7).filter(({ path }) => !/D0[12]/.test(path)),
    ...['D01', 'D02', 'E01', 'E02', 'E03'].map((well, i) => reading('P1', `day7/x_${well}.tif`, wild[i] ?? 1)),
  ];
  const plates = [{ plate: 'P1', map, readings }];

  it('scores nothing: unknown, with the reason, and a problem', () => {
    const scores = scoreStudy(input({ plates }));
    for (const score of day7(scores)?.compounds ?? []) {
      expect(score.verdict).toMatchObject({
        label: 'unknown',
        reason: expect.stringMatching(/P1.*vehicle wells vary/),
      });
      expect(score.wells).toEqual({ counted: 0, leftOut: 5 });
    }
    expect(scores.plates[0]?.reads[0]?.quality?.verdict).toBe('reject');
    expect(scores.problems.join()).toMatch(/P1, day 7: plate quality rejects/);
  });

  it('leaves compounds to the other plates of the day', () => {
    const scores = scoreStudy(input({ plates: [...plates, { plate: 'P2', map: MAP, readings: plateRead('P2', 7) }] }));
    expect(compound(scores, 'drugA')).toMatchObject({ wells: { counted: 5, leftOut: 5 } });
    expect(compound(scores, 'drugA')?.icx_uM?.ic50_uM).toBeCloseTo(10, 3);
  });

  it('is scored where the study only wants to be told', () => {
    const scores = scoreStudy(input({ plates, notes: noted({ plateQuality: 'report' }) }));
    expect(compound(scores, 'drugA')?.wells.counted).toBe(5);
    expect(scores.plates[0]?.reads[0]?.quality?.verdict).toBe('reject');
  });
});

describe('normalisation', () => {
  const two = [
    { plate: 'P1', map: MAP, readings: plateRead('P1', 7) },
    { plate: 'P2', map: MAP, readings: plateRead('P2', 7, 0.5) },
  ];

  it('is by each plate read’s own vehicle wells, and recorded', () => {
    const score = compound(scoreStudy(input({ plates: two })), 'drugB');
    expect(score?.provenance.normalisation).toBe('vehicle-plate');
    expect(score?.points.every(({ min, max }) => min === max)).toBe(true);
  });

  it('vehicle-day divides all plates by one level', () => {
    const score = compound(scoreStudy(input({ plates: two, notes: noted({ normalisation: 'vehicle-day' }) })), 'drugB');
    expect(score?.provenance.vehicleLevels).toEqual([
      { plate: 'P1', median: 0.75, n: 4, pooled: true },
      { plate: 'P2', median: 0.75, n: 4, pooled: true },
    ]);
    expect(score?.points[0]?.max).toBeCloseTo(1 / 0.75, 10);
  });

  it('day-0 takes out what a spheroid was before the first dose', () => {
    // Before any dose, wells differ; on day 7 each reads its share of that.
    const asSeeded = (path: string): number => (/_B/.test(path) ? 0.6 : 1);
    const day0 = plateRead('P1', 0).map((item) => ({ ...item, viability: asSeeded(item.path) }));
    const later = plateRead('P1', 7).map((item) => ({
      ...item,
      viability: (item.viability ?? 0) * asSeeded(item.path),
    }));
    const plates = [{ plate: 'P1', map: MAP, readings: [...day0, ...later] }];
    const plain = compound(scoreStudy(input({ plates })), 'drugB');
    const own = compound(scoreStudy(input({ plates, notes: noted({ normalisation: 'day-0' }) })), 'drugB');
    expect(plain?.points[0]?.viability).toBeCloseTo(0.6, 10);
    expect(own?.points[0]?.viability).toBeCloseTo(1, 10);
    expect(own?.provenance.normalisation).toBe('day-0');
  });

  it('day-0 leaves out wells without a day 0, with the reason', () => {
    const score = compound(scoreStudy(input({ notes: noted({ normalisation: 'day-0' }) })), 'drugA');
    expect(score).toMatchObject({ verdict: { label: 'unknown' }, wells: { counted: 0, leftOut: 5 } });
    expect(score?.provenance.leftOut[0]?.reason).toMatch(/no usable image of day 0/);
  });

  it('b-score takes out a column that reads less on every row, and no compound that fills a row', () => {
    const weak = (path: string, viability: number) => (/[A-Z]02/.test(path) ? 0.7 * viability : viability);
    const rows = ['A', 'B', 'C', 'E', 'F', 'G'];
    const csv = [
      MAP_CSV,
      ...['E', 'F', 'G'].flatMap((row) =>
        [0.1, 1, 10, 100, 1000].map((d, i) => `${row}0${i + 1},inert${row},${d},treated`),
      ),
    ].join('\n');
    const map = parsePlateMap(csv, 'platemap.csv');
    const readings = [
      ...rows.flatMap((row) =>
        [0.1, 1, 10, 100, 1000].map((dose, i) => {
          const path = `day7/x_${row}0${i + 1}.tif`;
          return reading('P1', path, weak(path, row === 'A' ? 1 / (1 + dose / 10) : 1));
        }),
      ),
      ...['D01', 'D03'].map((well) => reading('P1', `day7/x_${well}.tif`, 1)),
    ];
    const plates = [{ plate: 'P1', map, readings }];
    const at = (normalisation: Study['normalisation'], name: string) =>
      compound(scoreStudy(input({ plates, notes: noted({ normalisation }) })), name);
    const second = (score: ReturnType<typeof at>) => score?.points[1]?.viability ?? 0;
    expect(second(at('vehicle-plate', 'inertE'))).toBeCloseTo(0.7, 5);
    expect(second(at('b-score', 'inertE'))).toBeGreaterThan(0.93);
    expect(at('b-score', 'drugA')?.icx_uM?.ic50_uM).toBeGreaterThan(8);
    expect(at('b-score', 'drugA')?.icx_uM?.ic50_uM).toBeLessThan(13);
  });
});
