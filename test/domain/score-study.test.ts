/** Scoring as a whole: what it makes of readings and notes, and that nothing but them matters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { compound, day7, input, MAP, NOTES, plateRead, reading } from './plate-study.ts';

describe('scoring a complete plate read', () => {
  const scores = scoreStudy(input());

  it('finds the IC50, the margin of safety and the verdict', () => {
    const a = compound(scores, 'drugA');
    expect(a?.fit?.ic50_uM).toBeCloseTo(10, 4);
    expect(a?.mos).toBeCloseTo(10, 4);
    expect(a?.verdict).toMatchObject({ label: 'signal', provisional: false, method: 'supported' });
    expect(a?.cmaxRange_uM).toEqual([0.5, 2]);
  });

  it('says how far a drug without effect was tested, and never more', () => {
    expect(compound(scores, 'drugB')?.mos).toBe('inf');
    expect(compound(scores, 'drugB')?.verdict.label).toBe('no loss seen up to 100000 × Cmax');
  });

  it('is unknown without a Cmax, with the way out', () => {
    const c = compound(scores, 'drugC');
    expect(c?.verdict.label).toBe('unknown');
    expect(c?.verdict.reason).toContain('cmax_uM in study.json');
  });

  it('ranks the riskiest first and gives the baseline beside the AUC', () => {
    expect(day7(scores)?.compounds.map((row) => row.compound)).toEqual(['drugA', 'drugB', 'drugC']);
    expect(day7(scores)?.auc).toMatchObject({ n: 2, nPositive: 1, mos: 1, exposureOnly: 1 });
  });

  it('names what it was made from', () => {
    const { provenance } = compound(scores, 'drugA') ?? {};
    expect(provenance?.readings).toHaveLength(5 + 2);
    expect(provenance?.modelIdentities).toEqual(['nvir 1 x int8']);
    expect(provenance?.vehicleLevels).toEqual([{ plate: 'P1', median: 1, n: 2, pooled: false }]);
  });
});

describe('what is missing', () => {
  it('makes scores provisional and names absent wells', () => {
    const scores = scoreStudy(
      input({
        plates: [{ plate: 'P1', map: MAP, readings: plateRead('P1', 7).filter(({ path }) => !path.includes('A02')) }],
      }),
    );
    expect(scores.plates[0]?.reads[0]).toMatchObject({ complete: false, absentWells: ['A02'] });
    expect(compound(scores, 'drugA')?.verdict.provisional).toBe(true);
  });

  it('waits on a scheduled day for a mapped plate that was not imaged', () => {
    const scores = scoreStudy(
      input({
        plates: [
          { plate: 'P1', map: MAP, readings: plateRead('P1', 7) },
          { plate: 'P2', map: MAP, readings: [] },
        ],
      }),
    );
    expect(day7(scores)?.provisional).toBe(true);
  });

  it('pools vehicle wells of the day for a plate without', () => {
    const plates = [
      { plate: 'P1', map: MAP, readings: plateRead('P1', 7, 0.8) },
      { plate: 'P2', map: MAP, readings: plateRead('P2', 7, 0.8).filter(({ path }) => !/D0[12]/.test(path)) },
    ];
    const a = compound(scoreStudy(input({ plates })), 'drugA');
    expect(a?.provenance.pooledFallback).toBe(true);
    expect(a?.fit?.ic50_uM).toBeCloseTo(10, 4);
  });

  it('is unknown without any vehicle well', () => {
    const readings = plateRead('P1', 7).filter(({ path }) => !/D0[12]/.test(path));
    const a = compound(scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }] })), 'drugA');
    expect(a?.verdict).toMatchObject({ label: 'unknown' });
    expect(a?.verdict.reason).toContain('no vehicle well');
  });

  it('says what to mend when notes are missing, and loses no reading', () => {
    const scores = scoreStudy(
      input({ notes: undefined, plates: [{ plate: 'P1', map: undefined, readings: plateRead('P1', 7) }] }),
    );
    expect(scores.problems.join()).toContain('study.json is missing');
    expect(scores.problems.join()).toContain('P1/platemap.csv is missing');
    expect(scores.plates[0]?.reads[0]?.usable).toBe(18);
  });
});

describe('which image counts', () => {
  const again = (time: string, viability: number, status: Reading['status'] = 'read') =>
    reading('P1', `day7/again_A01_${time}.tif`, viability, {
      status,
      image: {
        format: 'tiff',
        width: 9,
        height: 9,
        bitDepth: 8,
        bitDepthSource: 'file',
        pages: 1,
        takenAt: `2026-03-09T${time}:00`,
      },
      ...(status === 'rejected' ? { rejection: { code: 'x', reason: 'cut', remedy: '' } } : {}),
    });

  it('is the later acquisition of a slot; the other is superseded', () => {
    const readings = [
      ...plateRead('P1', 7).filter(({ path }) => !path.includes('A01')),
      again('10:00', 0.1),
      again('11:00', 0.9),
    ];
    const scores = scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }] }));
    expect(compound(scores, 'drugA')?.points[0]?.viability).toBeCloseTo(0.9, 10);
    expect(scores.plates[0]?.reads[0]?.superseded).toBe(1);
    expect(compound(scores, 'drugA')?.provenance.leftOut[0]?.reason).toContain('again_A01_11:00');
  });

  it('is not displaced by a later file that was rejected', () => {
    const readings = [
      ...plateRead('P1', 7).filter(({ path }) => !path.includes('A01')),
      again('10:00', 0.8),
      again('11:00', 0, 'rejected'),
    ];
    const scores = scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings }] }));
    expect(compound(scores, 'drugA')?.points[0]?.viability).toBeCloseTo(0.8, 10);
    expect(scores.plates[0]?.reads[0]?.rejected).toHaveLength(1);
  });
});

describe('days', () => {
  const timed = (well: string, takenAt: string) =>
    reading('P1', `x_${well}.tif`, 1, {
      image: { format: 'tiff', width: 9, height: 9, bitDepth: 8, bitDepthSource: 'file', pages: 1, takenAt },
    });

  it('belong to a plate read, also across midnight', () => {
    const readings = [
      timed('A01', '2026-03-09T23:50:00'),
      timed('A02', '2026-03-10T00:10:00'),
      timed('A03', '2026-03-10T00:30:00'),
    ];
    const notes = { ...NOTES, imagingToleranceHours: 24 };
    const scores = scoreStudy(input({ notes, plates: [{ plate: 'P1', map: MAP, readings }] }));
    expect(scores.plates[0]?.reads.map(({ day, usable }) => [day, usable])).toEqual([[7, 3]]);
  });

  it('are not guessed beyond the tolerance', () => {
    const scores = scoreStudy(
      input({ plates: [{ plate: 'P1', map: MAP, readings: [timed('A01', '2026-03-07T12:00:00')] }] }),
    );
    expect(scores.plates[0]?.reads).toEqual([]);
    expect(scores.plates[0]?.unplaced[0]?.reason).toContain('5.1 days after first dosing');
  });
});

describe('nothing but readings and notes matters', () => {
  const readings = [...plateRead('P1', 7), ...plateRead('P1', 3)];

  it('the order of readings and plates does not', () => {
    const expected = scoreStudy(
      input({
        plates: [
          { plate: 'P1', map: MAP, readings },
          { plate: 'P2', map: MAP, readings: plateRead('P2', 7) },
        ],
      }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(readings, { minLength: readings.length }), (shuffled) => {
        const plates = [
          { plate: 'P2', map: MAP, readings: plateRead('P2', 7) },
          { plate: 'P1', map: MAP, readings: shuffled },
        ];
        expect(scoreStudy(input({ plates }))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('the level of a plate read does not, after normalisation', () => {
    const reference = compound(scoreStudy(input()), 'drugA');
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 3, noNaN: true }), (level) => {
        const scaled = compound(
          scoreStudy(input({ plates: [{ plate: 'P1', map: MAP, readings: plateRead('P1', 7, level) }] })),
          'drugA',
        );
        expect(scaled?.fit?.ic50_uM).toBeCloseTo(reference?.fit?.ic50_uM ?? Number.NaN, 6);
      }),
    );
  });
});
