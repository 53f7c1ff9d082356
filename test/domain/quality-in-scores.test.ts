/** What plate quality, people's decisions and the choice of normalisation do to scores. */
import { describe, expect, it } from 'vitest';
import { parseExclusions } from '../../lambdas/domain/notes/exclusions.ts';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import type { Study } from '../../lambdas/domain/notes/study.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { type ScoreStudyInput, scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { compound, day7, input, MAP, MAP_CSV, NOTES, plateRead, reading } from './plate-study.ts';

const exclusions = (rows: string) =>
  parseExclusions(`plate,well,day,action,name,reason,at\n${rows}\n`, 'exclusions.csv');
const noted = (over: Partial<Study>): Study => ({ ...NOTES, ...over });
const IMAGE = {
  format: 'tiff' as const,
  width: 9,
  height: 9,
  bitDepth: 8,
  bitDepthSource: 'file' as const,
  pages: 1,
};
const seen = (flags: string[]) => ({
  focus: 1,
  exposure: { background: 0.5, saturatedFraction: 0, blackFraction: 0 },
  spheroid: { found: true, diameterFraction: 0.3 },
  flags,
});

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

  it('comes back also where plate quality would leave it out: malformed on day 0, too dark, or an odd control', () => {
    const day0 = plateRead('P1', 0, 1).map((item) => ({
      ...item,
      viability: 1,
      quality: seen(/A03/.test(item.path) ? ['several-spheroids'] : []),
    }));
    const day7 = plateRead('P1', 7).map((item) => ({
      ...item,
      quality: seen(/A04/.test(item.path) ? ['too-dark'] : []),
    }));
    const plates = [{ plate: 'P1', map: MAP, readings: [...day0, ...day7] }];
    const kept = exclusions('P1,A03,,include,Ada,one after all,\nP1,A04,7,include,Ada,only the lamp,');
    expect(compound(scoreStudy(input({ plates })), 'drugA')?.wells).toEqual({ counted: 3, leftOut: 2 });
    expect(compound(scoreStudy(input({ plates, exclusions: kept })), 'drugA')?.wells).toEqual({
      counted: 5,
      leftOut: 0,
    });
  });

  it('on a day that no read has is a problem of the study, unless the day is still to come', () => {
    const onDay = (day: number) =>
      scoreStudy(input({ exclusions: exclusions(`P1,A03,${day},exclude,Ada,x,`) })).problems.join();
    expect(onDay(8)).toMatch(/P1, well A03, day 8, and the plate has no read of that day \(7\): the row does nothing/);
    expect(onDay(3)).not.toContain('exclusions.csv');
    expect(onDay(7)).not.toContain('exclusions.csv');
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

  it('lends its vehicle wells to no other plate', () => {
    const borrowing = plateRead('P2', 7).filter(({ path }) => !/D0[12]/.test(path));
    const scores = scoreStudy(input({ plates: [...plates, { plate: 'P2', map: MAP, readings: borrowing }] }));
    expect(compound(scores, 'drugA')).toMatchObject({
      verdict: { label: 'unknown' },
      wells: { counted: 0, leftOut: 10 },
      provenance: { readings: [], vehicleLevels: [] },
    });
    expect(scores.problems.join()).toMatch(/plate P2, day 7: .*lie on plate reads that are rejected/);
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

  it('day-0 leaves out wells without a day 0, and the verdict says so', () => {
    const score = compound(scoreStudy(input({ notes: noted({ normalisation: 'day-0' }) })), 'drugA');
    expect(score).toMatchObject({ verdict: { label: 'unknown' }, wells: { counted: 0, leftOut: 5 } });
    expect(score?.provenance.leftOut[0]?.reason).toMatch(/no usable image of day 0/);
    expect(score?.verdict.reason).toBe(
      'none of its 5 wells counts: normalisation day-0: the plate has no usable image of day 0',
    );
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

describe('what day-0 divides by', () => {
  const notes = noted({ normalisation: 'day-0', imagingDays: [0, 7] });
  const onDayZero = (change: (item: Reading) => Partial<Reading> = () => ({})) =>
    plateRead('P1', 0).map((item) => ({ ...item, viability: 1, ...change(item) }));
  const score = (readings: readonly Reading[], over: Partial<ScoreStudyInput> = {}) =>
    scoreStudy(input({ notes, plates: [{ plate: 'P1', map: MAP, readings }], ...over }));
  const drugA = (readings: readonly Reading[], over: Partial<ScoreStudyInput> = {}) =>
    compound(score(readings, over), 'drugA');
  const top = /A0[45]/;
  const reasons = (found: ReturnType<typeof drugA>) => [
    ...new Set(found?.provenance.leftOut.map(({ reason }) => reason)),
  ];

  it('is named in the provenance, with its version; day 0 itself is relative to vehicle', () => {
    const scores = score([...onDayZero(), ...plateRead('P1', 7)]);
    const { readings = [] } = compound(scores, 'drugA')?.provenance ?? {};
    expect(readings.filter(({ role }) => role === 'day-0').map(({ well }) => well)).toEqual([
      ...['A01', 'A02', 'A03', 'A04', 'A05', 'D01', 'D02'],
    ]);
    expect(readings.find(({ well, role }) => well === 'A01' && role === 'treated')?.viability).toBeCloseTo(
      1 / 1.01,
      10,
    );
    const [day0] = scores.days;
    expect(day0?.compounds[0]?.provenance).toMatchObject({ normalisation: 'vehicle-plate' });
    expect(day0?.compounds[0]?.provenance.readings.some(({ role }) => role === 'day-0')).toBe(false);
  });

  it('is no value that was left out on day 0: a dark image would divide a loss away', () => {
    const dark = onDayZero(({ path }) => (top.test(path) ? { viability: 0.31, quality: seen(['too-dark']) } : {}));
    const late = plateRead('P1', 7).map((item) => (top.test(item.path) ? { ...item, viability: 0.3 } : item));
    const found = drugA([...dark, ...late]);
    expect(found?.verdict.label).toBe('unknown');
    expect(found?.wells).toEqual({ counted: 3, leftOut: 2 });
    expect(reasons(found)).toEqual(['normalisation day-0: on day 0, its image cannot be used: too-dark']);
  });

  it('is no well that a person excluded on day 0', () => {
    const found = drugA([...onDayZero(), ...plateRead('P1', 7)], {
      exclusions: exclusions('P1,A03,0,exclude,Ada,two,'),
    });
    expect(reasons(found)).toEqual(['normalisation day-0: on day 0, excluded by Ada: two']);
  });

  it('is no plate read that was rejected on day 0', () => {
    const map = parsePlateMap(`${MAP_CSV}\nE01,dmso,0,vehicle\nE02,dmso,0,vehicle\nE03,dmso,0,vehicle`, 'platemap.csv');
    const wild = new Map([0.4, 1.8, 1, 0.5, 1.6].map((value, i) => [['D01', 'D02', 'E01', 'E02', 'E03'][i], value]));
    const more = (day: number) => ['E01', 'E02', 'E03'].map((well) => reading('P1', `day${day}/x_${well}.tif`, 1));
    const day0 = [...onDayZero(), ...more(0)].map((item) => ({
      ...item,
      viability: wild.get(/x_(...)/.exec(item.path)?.[1]) ?? 1,
    }));
    const readings = [...day0, ...plateRead('P1', 7), ...more(7)];
    const found = compound(scoreStudy(input({ notes, plates: [{ plate: 'P1', map, readings }] })), 'drugA');
    expect(found?.verdict.reason).toMatch(
      /none of its 5 wells counts: normalisation day-0: on day 0, plate quality rejects/,
    );
  });

  it.each([
    ['an hour before the first dose', '2026-03-02T08:00:00+01:00', 5],
    ['at the first dose', '2026-03-02T09:00:00+01:00', 5],
    ['ten hours after it, within the tolerance of day 0', '2026-03-02T19:00:00+01:00', 0],
  ])('was taken %s: %s', (_when, takenAt, counted) => {
    const image = { ...IMAGE, takenAt };
    const found = drugA([...onDayZero(() => ({ image })), ...plateRead('P1', 7)]);
    expect(found?.wells.counted).toBe(counted);
    if (counted === 0) expect(found?.verdict.reason).toContain('10.0 h after the first dosing');
  });

  it('malforms no well either where it was taken after the first dose', () => {
    const odd = (takenAt: string) =>
      onDayZero(({ path }) => ({
        image: { ...IMAGE, takenAt },
        quality: seen(path.includes('A03') ? ['several-spheroids'] : []),
      }));
    const counted = (takenAt: string) =>
      drugA([...odd(takenAt), ...plateRead('P1', 7)], { notes: noted({ imagingDays: [0, 7] }) })?.wells.counted;
    expect([counted('2026-03-02T08:00:00+01:00'), counted('2026-03-02T19:00:00+01:00')]).toEqual([4, 5]);
  });

  it('was read by the model that reads the well later', () => {
    const model = { name: 'nvir', version: '2', sha256: 'y', variant: 'int8' };
    const readings = [...onDayZero(() => ({ model })), ...plateRead('P1', 7)];
    const found = drugA(readings);
    expect(found?.verdict.reason).toMatch(
      /images of day 0 and of this day were read by 2 models \(nvir 1 .*, nvir 2 .*\), whose viabilities do not compare\. Have one model read them all again: nvir retry --other-model/,
    );
    const notes = noted({ normalisation: 'day-0', imagingDays: [0, 7] });
    const { problems } = scoreStudy(input({ notes, plates: [{ plate: 'P1', map: MAP, readings }] }));
    expect(problems).toEqual([
      expect.stringMatching(
        /^plate P1, day 7: 18 wells are left out, normalisation day-0: .* read by 2 models .*retry/,
      ),
    ]);
  });

  it('was read by the model that reads some wells only: they do not pass for the whole plate read', () => {
    const model = { name: 'nvir', version: '2', sha256: 'y', variant: 'int8' };
    const later = plateRead('P1', 7).map((item) => (/A0[12]/.test(item.path) ? item : { ...item, model }));
    const found = drugA([...onDayZero(() => ({ model })), ...later]);
    expect(found?.verdict.label).toBe('unknown');
    expect(found?.verdict.reason).toMatch(
      /^plate P1: wells of it were read by another model on day 0 .* nvir retry --other-model/,
    );
  });

  it('revives no dead vehicle wells: they must live as read', () => {
    const weak = onDayZero(() => ({ viability: 0.32 }));
    const dead = plateRead('P1', 7).map((item) => ({ ...item, viability: 0.12 }));
    expect(drugA([...weak, ...dead])?.verdict.reason).toMatch(
      /vehicle wells read a viability of 0\.12, and at least 0\.3/,
    );
  });

  it('is missing for the vehicle wells alone: the verdict says that', () => {
    const found = drugA([...onDayZero().filter(({ path }) => !/D0[12]/.test(path)), ...plateRead('P1', 7)]);
    expect(found?.verdict.reason).toBe(
      'no vehicle well of this day counts: normalisation day-0: the well has no usable image of day 0',
    );
    expect(found?.wells).toEqual({ counted: 0, leftOut: 5 });
    expect(found?.provenance.readings).toEqual([]);
    expect(found?.provenance.leftOut).toHaveLength(5);
  });
});

it('images that several versions of preprocessing made are a problem of their plate read', () => {
  const readings = plateRead('P1', 7).map((item) =>
    /B0/.test(item.path) ? { ...item, preprocessingVersion: '2' } : item,
  );
  const { problems } = scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }] }));
  expect(problems.join()).toContain('prepared by 2 versions of preprocessing (13 by 1, 5 by 2)');
  expect(scoreStudy(input()).problems.join()).not.toContain('preprocessing');
});
