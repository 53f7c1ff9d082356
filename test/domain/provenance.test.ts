/** From a verdict to its pixels: what is refused, what is recorded, and how it is told. */
import { describe, expect, it } from 'vitest';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { inputsOf } from '../../lambdas/domain/scoring/inputs-digest.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import type { CompoundScore, StudyScores } from '../../lambdas/domain/scoring/scores.ts';
import { storyOf } from '../../lambdas/domain/scoring/story.ts';
import { VERDICT_THRESHOLDS } from '../../lambdas/domain/verdict/thresholds.ts';
import { compound, input, MAP, MAP_CSV, NOTES, plateRead } from './plate-study.ts';

const OTHER = { name: 'nvir', version: '2', sha256: 'y', variant: 'int8' };
const readBy = (model: typeof OTHER, readings: readonly Reading[], of = /./): Reading[] =>
  readings.map((reading) => (of.test(reading.path) ? { ...reading, model } : reading));
const scored = (...plates: [plate: string, readings: Reading[]][]) =>
  scoreStudy(input({ plates: plates.map(([plate, readings]) => ({ plate, map: MAP, readings })) }));

describe('a plate read that two models read', () => {
  const mixed = readBy(OTHER, plateRead('P1', 7), /A0[12]/);

  it('scores unknown, with the reason and the way out, for every compound of it', () => {
    const scores = scored(['P1', mixed]);
    for (const name of ['drugA', 'drugB', 'drugC']) {
      const score = compound(scores, name);
      expect(score?.verdict.label).toBe('unknown');
      expect(score?.verdict.reason).toMatch(
        /^plate P1: its images were read by 2 models \(16 by nvir 1 x int8, 2 by nvir 2 y int8\), whose viabilities do not compare\. Have one model read them all again: nvir retry --other-model/,
      );
      expect(score).toMatchObject({ supported: null, fit: null, points: [] });
    }
    expect(scores.problems.join()).toMatch(
      /plate P1, day 7: its images were read by 2 models .* not scored\. Have one model read them all again: nvir retry --other-model/,
    );
    expect(compound(scores, 'drugA')?.provenance.leftOut).toHaveLength(5);
  });

  it.each(['name', 'version', 'sha256', 'variant'] as const)('is one that differs in %s alone', (field) => {
    const model = { name: 'nvir', version: '1', sha256: 'x', variant: 'int8', [field]: 'other' };
    const score = compound(scored(['P1', readBy(model, plateRead('P1', 7), /B03/)]), 'drugA');
    expect(score?.verdict.reason).toContain('read by 2 models');
  });

  it('leaves other plates and days standing', () => {
    const scores = scored(['P1', [...mixed, ...plateRead('P1', 3)]], ['P2', plateRead('P2', 7)]);
    expect(compound(scores, 'drugA')?.provenance.vehicleLevels.map(({ plate }) => plate)).toEqual(['P2']);
    const day3 = scores.days.find(({ day }) => day === 3)?.compounds.find((row) => row.compound === 'drugA');
    expect(day3?.verdict.label).not.toBe('unknown');
  });

  it('is none where each plate has its own model, unless it borrows vehicle wells', () => {
    const second = readBy(OTHER, plateRead('P2', 7));
    expect(
      compound(scored(['P1', plateRead('P1', 7)], ['P2', second]), 'drugA')?.provenance.vehicleLevels,
    ).toHaveLength(2);
    const borrowing = second.filter(({ path }) => !/D0[12]/.test(path));
    const scores = scored(['P1', plateRead('P1', 7)], ['P2', borrowing]);
    expect(compound(scores, 'drugA')?.provenance.vehicleLevels.map(({ plate }) => plate)).toEqual(['P1']);
    expect(scores.problems.join()).toContain('plate P2, day 7: it has no vehicle wells of its own');
  });

  it('leaves each plate its own level where the study asks for a pool of the day, and says so', () => {
    const plates = [
      { plate: 'P1', map: MAP, readings: plateRead('P1', 7) },
      { plate: 'P2', map: MAP, readings: readBy(OTHER, plateRead('P2', 7, 0.5)) },
    ];
    const scores = scoreStudy(input({ plates, notes: { ...NOTES, normalisation: 'vehicle-day' } }));
    expect(compound(scores, 'drugA')?.provenance.vehicleLevels).toEqual([
      { plate: 'P1', median: 1, n: 2, pooled: false },
      { plate: 'P2', median: 0.5, n: 2, pooled: false },
    ]);
    expect(scores.problems.filter((problem) => problem.includes('not as vehicle-day asks'))).toHaveLength(2);
  });

  it('is seen by what makes scores old', () => {
    const versions = { notesVersion: 'n', referenceSha256: 'r' };
    const text = (readings: Reading[]) => inputsOf({ plate: 'P1', map: MAP, readings }, versions);
    const variant = { name: 'nvir', version: '1', sha256: 'x', variant: 'fp32' };
    expect(text(readBy(variant, plateRead('P1', 7)))).not.toBe(text(plateRead('P1', 7)));
  });
});

describe('a day whose plates different models read', () => {
  const second = readBy(OTHER, plateRead('P2', 7));
  const plates = [['P1', plateRead('P1', 7)] as [string, Reading[]], ['P2', second] as [string, Reading[]]];
  const problemsOf = (scores: StudyScores) => scores.problems.filter((problem) => problem.includes('do not compare'));

  it('is scored, and a problem names models, plates, compounds and the way out', () => {
    const scores = scored(...plates);
    expect(compound(scores, 'drugA')?.wells.counted).toBe(10);
    expect(problemsOf(scores)).toEqual([
      expect.stringMatching(
        /^day 7: its plates were read by 2 models \(P1 by nvir 1 x int8; P2 by nvir 2 y int8\), whose viabilities do not compare: .*curves of drugA, drugB, drugC .*nvir retry s --other-model/,
      ),
    ]);
  });

  it('says so with each of these compounds: in its sentence, its provenance and its story', () => {
    const a = compound(scored(...plates), 'drugA');
    expect(a?.statement).toContain('Its wells were read by 2 models, whose viabilities do not compare.');
    expect(a?.provenance.models).toEqual([
      { plate: 'P1', model: 'nvir 1 x int8' },
      { plate: 'P2', model: 'nvir 2 y int8' },
    ]);
    expect(a && storyOf(a).join('\n')).toMatch(
      /Versions: model nvir 1 x int8 and nvir 2 y int8 \(plate P1 by nvir 1 x int8, plate P2 by nvir 2 y int8; .*do not compare/,
    );
  });

  it('names no compound where each lies on plates of one model, but the ranking that mixes them', () => {
    const only = (compoundName: string) =>
      parsePlateMap(
        MAP_CSV.split('\n')
          .filter((line) => /^well|^D/.test(line) || line.includes(compoundName))
          .join('\n'),
        'platemap.csv',
      );
    const rowOf = (row: string, readings: Reading[]) =>
      readings.filter(({ path }) => path.includes(`_${row}`) || path.includes('_D'));
    const scores = scoreStudy(
      input({
        plates: [
          { plate: 'P1', map: only('drugA'), readings: rowOf('A', plateRead('P1', 7)) },
          { plate: 'P2', map: only('drugB'), readings: rowOf('B', second) },
        ],
      }),
    );
    const [problem] = problemsOf(scores);
    expect(problem).toContain('the ranking of the day is over both');
    expect(problem).not.toContain('drug');
    expect(compound(scores, 'drugA')?.statement).not.toContain('read by');
    expect(compound(scores, 'drugA')?.provenance).not.toHaveProperty('models');
  });

  it('is told of neither one model, nor plates that are not scored, nor day 0', () => {
    expect(problemsOf(scored(['P1', plateRead('P1', 7)], ['P2', plateRead('P2', 7)]))).toEqual([]);
    expect(problemsOf(scored(['P1', plateRead('P1', 0)], ['P2', readBy(OTHER, plateRead('P2', 0))]))).toEqual([]);
    const dead = second.map((reading) => ({ ...reading, viability: 0.01 }));
    expect(problemsOf(scored(['P1', plateRead('P1', 7)], ['P2', dead]))).toEqual([]);
  });

  it('is the same in any order of plates and readings', () => {
    const turned = plates.map(([plate, readings]): [string, Reading[]] => [plate, [...readings].reverse()]).reverse();
    expect(scored(...turned)).toEqual(scored(...plates));
  });
});

describe('provenance', () => {
  const readings = plateRead('P1', 7).map((reading) => ({ ...reading, sha256: `sha of ${reading.path}` }));

  it('names every image by object, version and bytes, with its well and what was read there', () => {
    const a = compound(scored(['P1', readings]), 'drugA');
    expect(a?.provenance.readings[0]).toEqual({
      key: 'exports/s/P1/day7/x_A01.tif',
      versionId: 'v-day7/x_A01.tif',
      sha256: 'sha of day7/x_A01.tif',
      well: 'A01',
      role: 'treated',
      concentration_uM: 0.1,
      viability: 1 / (1 + 0.1 / 10),
    });
    expect(a?.provenance.readings.filter(({ role }) => role === 'vehicle')).toHaveLength(2);
  });

  it('records the method and the thresholds that were used', () => {
    expect(compound(scored(['P1', readings]), 'drugA')?.provenance).toMatchObject({
      method: 'supported',
      thresholds: VERDICT_THRESHOLDS,
    });
    const notes = { ...NOTES, method: 'nvir' as const, thresholds: { strongBelow: 12 } };
    const own = compound(scoreStudy(input({ notes })), 'drugA');
    expect(own?.provenance).toMatchObject({ method: 'nvir', thresholds: { ...VERDICT_THRESHOLDS, strongBelow: 12 } });
    expect(own?.verdict).toMatchObject({ label: 'strong signal', method: 'nvir' });
    expect(own?.supported).not.toBeNull();
  });
});

describe('the story of a score', () => {
  const told = (score: CompoundScore | undefined) => (score ? storyOf(score) : []);

  it('goes from the verdict over exposure, thresholds, curve and controls to images and versions', () => {
    const readings = plateRead('P1', 7, 0.8);
    const plates = [{ plate: 'P1', map: MAP, mapVersion: 'e-map', readings }];
    const notes = { ...NOTES, donor: 'HH-1', fractionUnbound: { drugA: 0.2 } };
    const story = told(compound(scoreStudy(input({ plates, notes, notesVersion: 'e-study' })), 'drugA')).join('\n');
    for (const part of [
      'Day 7, donor HH-1: ',
      'Exposure: total plasma Cmax 1 µM, published values from 0.5 to 2 µM, fraction unbound 0.2 (study.json)',
      'Thresholds (conventions), by method supported: strongBelow 10',
      'Supported curve: 2PL, from 1 to 0',
      'The paper’s fit beside it: two parameters on medians, IC50 10 µM',
      'Normalisation (vehicle-plate), to the median of the vehicle wells: plate P1 0.8 (2 wells)',
      'Left out: no image of its wells.',
      'Versions: model nvir 1 x int8; preprocessing 1; scoring ',
      'study.json (ETag e-study), platemap.csv of P1 (ETag e-map)',
      '7 images (5 of its own wells, 2 of vehicle wells)',
    ])
      expect(story).toContain(part);
    expect(story).not.toMatch(/\bsafe\b|NaN|undefined/);
  });

  it('says what was left out and why, and that there is no curve', () => {
    const mixed = readBy(OTHER, plateRead('P1', 7), /A0[12]/);
    const story = told(compound(scored(['P1', mixed]), 'drugA')).join('\n');
    expect(story).toContain('Supported curve: none');
    expect(story).toContain('Left out: exports/s/P1/day7/x_A01.tif (its images were read by 2 models');
  });
});
