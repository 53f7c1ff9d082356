/** The in-house reference panel: what is expected of it in a study, and its control chart over studies. */
import { describe, expect, it } from 'vitest';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../../lambdas/domain/notes/study.ts';
import { controlChart, LEAST_POINTS } from '../../lambdas/domain/panel/control-chart.ts';
import { panelResult } from '../../lambdas/domain/panel/reference-panel.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { compound, input, MAP_CSV, NOTES, plateRead } from './plate-study.ts';

const asReference = parsePlateMap(MAP_CSV.replaceAll(/(drug[AC],[\d.]+),treated/g, '$1,reference'), 'platemap.csv');
const scored = (referencePanel: Record<string, [number, number]>) =>
  scoreStudy(
    input({
      notes: { ...NOTES, referencePanel },
      plates: [{ plate: 'P1', map: asReference, readings: plateRead('P1', 7) }],
    }),
  );

describe('a reference compound', () => {
  it('is scored and ranked like any other', () => {
    expect(compound(scored({}), 'drugA')?.supported?.model).toBe('2PL');
    expect(compound(scored({}), 'drugA')?.panel).toMatchObject({ expected_uM: null, state: 'unknown' });
    expect(compound(scored({}), 'drugB')?.panel).toBeUndefined();
  });

  it.each<[[number, number], string]>([
    [[5, 20], 'within'],
    [[15, 20], 'below'],
    [[1, 5], 'above'],
  ])('that is expected at %j is %s', (range, state) => {
    const scores = scored({ 'DRUG-A': range });
    expect(compound(scores, 'drugA')?.panel).toMatchObject({ expected_uM: range, state });
    const problems = scores.problems.filter((problem) => problem.includes('reference compound'));
    expect(problems).toHaveLength(state === 'within' ? 0 : 1);
    if (state !== 'within') expect(problems[0]).toContain(`day 7: its IC50 lies ${state} the expected`);
  });

  it('of which only a limit is known is judged where the limit decides', () => {
    const dead = compound(scored({ drugC: [0.5, 1] }), 'drugC')?.panel;
    expect(dead).toMatchObject({ ic50_uM: null, state: 'below' });
    expect(compound(scored({ drugC: [0.01, 1] }), 'drugC')?.panel?.state).toBe('unknown');
    expect(compound(scored({ drugB: [1, 20] }), 'drugB')?.panel?.state).toBe('above');
    expect(compound(scored({ drugB: [1, 2000] }), 'drugB')?.panel?.state).toBe('unknown');
    expect(panelResult(null, { lowest_uM: 1, highest_uM: 9 }, [1, 2]).state).toBe('unknown');
  });

  it('that no plate map has is a problem', () => {
    expect(scored({ drgA: [1, 2] }).problems.join()).toContain('referencePanel names drgA, and no plate map does');
  });

  it('has a range that is one', () => {
    const notes = { location: 'a', microscope: 'm', cellModel: 'c', firstDosing: '2026-03-02T09:00:00Z' };
    expect(() => parseStudy(JSON.stringify({ ...notes, referencePanel: { x: [5, 1] } }), 'study.json')).toThrow(
      'referencePanel.x: is not a range, lowest first',
    );
  });
});

describe('a control chart', () => {
  const points = (values: readonly number[]) =>
    values.map((ic50_uM, i) => ({ study: `s${i}`, at: `2026-0${i + 1}-01T00:00:00.000Z`, ic50_uM }));

  it('has limits at three standard deviations of the moving range, on the log scale', () => {
    const logs = [1, 1.2, 0.9, 1.1, 1];
    const chart = controlChart(points(logs.map(Math.exp)));
    const sigma = (0.2 + 0.3 + 0.2 + 0.1) / 4 / 1.128;
    expect(Math.log(chart.centre_uM)).toBeCloseTo(1.04, 12);
    expect(chart.limits_uM?.map(Math.log)).toEqual([
      expect.closeTo(1.04 - 3 * sigma, 12),
      expect.closeTo(1.04 + 3 * sigma, 12),
    ]);
    expect(chart.points.some(({ isOutside }) => isOutside)).toBe(false);
  });

  it('marks a study far from the others', () => {
    const steady = [10, 11, 10, 9, 10, 11, 10, 10].concat(60);
    const outside = controlChart(points(steady)).points.filter(({ isOutside }) => isOutside);
    expect(outside.map(({ study }) => study)).toEqual(['s8']);
  });

  it('is in order of time, and has no limits below five studies', () => {
    const shuffled = points([1, 2, 3, 4]).reverse();
    const chart = controlChart(shuffled);
    expect(chart.points.map(({ study }) => study)).toEqual(['s0', 's1', 's2', 's3']);
    expect(chart.limits_uM).toBeNull();
    expect(LEAST_POINTS).toBe(5);
  });
});
