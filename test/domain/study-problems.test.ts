/** What keeps a verdict from being a reassurance, and what a person is asked to mend: controls, names, bit depths. */
import { describe, expect, it } from 'vitest';
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { inputsOf } from '../../lambdas/domain/scoring/inputs-digest.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { SIMULATION } from '../../lambdas/domain/scoring/simulated.ts';
import { compound, day7, input, MAP, MAP_CSV, NOTES, plateRead, REFERENCE, reading } from './plate-study.ts';

/** The plate read with some wells of another viability. */
const withWells = (plate: string, viabilities: Readonly<Record<string, number>>): Reading[] =>
  plateRead(plate, 7).map((item) => {
    const viability = viabilities[/_([A-D]\d\d)/.exec(item.path)?.[1] ?? ''];
    return viability === undefined ? item : { ...item, viability };
  });
const all = (viability: number): Record<string, number> =>
  Object.fromEntries([...MAP.wells.keys()].map((well) => [well, viability]));
const onePlate = (readings: Reading[]) => input({ plates: [{ plate: 'P1', map: MAP, readings }] });

describe('vehicle wells', () => {
  it('that are dead, as the compounds are, normalise nothing', () => {
    const scores = scoreStudy(onePlate(withWells('P1', { ...all(0.04), D03: 0.9 })));
    for (const row of day7(scores)?.compounds ?? []) {
      expect(row.verdict.label).toBe('unknown');
      expect(row.verdict.reason).toContain('plate P1: the vehicle wells read a viability of 0.04');
      expect(row.fit).toBeNull();
    }
    expect(scores.problems.join()).toContain('plate P1, day 7: the vehicle wells read a viability of 0.04');
  });

  it.each([0, -0.1])('that read %d are not said to be missing', (level) => {
    const a = compound(scoreStudy(onePlate(withWells('P1', { D01: level, D02: level }))), 'drugA');
    expect(a?.verdict.reason).toContain(`read a viability of ${level}`);
  });

  it.each([
    [0.3, 0.6, true],
    [0.29, 0.3, false],
    [0.44, 0.9, false],
    [0.46, 0.9, true],
  ])('that read %d beside untreated ones of %d are usable: %s', (vehicle, untreated, usable) => {
    const a = compound(scoreStudy(onePlate(withWells('P1', { D01: vehicle, D02: vehicle, D03: untreated }))), 'drugA');
    expect(a?.fit !== null).toBe(usable);
  });

  it('of a dead plate are not pooled for one that has none, and leave the other plates’ wells standing', () => {
    const plates = [
      { plate: 'P1', map: MAP, readings: withWells('P1', all(0.04)) },
      { plate: 'P2', map: MAP, readings: plateRead('P2', 7, 0.8) },
      { plate: 'P3', map: MAP, readings: plateRead('P3', 7, 0.8).filter(({ path }) => !/D0[12]/.test(path)) },
    ];
    const a = compound(scoreStudy(input({ plates })), 'drugA');
    expect(a?.fit?.ic50_uM).toBeCloseTo(10, 4);
    expect(a?.points[0]?.n).toBe(2);
    expect(a?.provenance.vehicleLevels).toEqual([
      { plate: 'P2', median: 0.8, n: 2, pooled: false },
      { plate: 'P3', median: 0.8, n: 2, pooled: true },
    ]);
    expect(a?.provenance.readings.some(({ key }) => key.includes('/P1/'))).toBe(false);
    expect(a?.provenance.leftOut.map(({ key }) => key.includes('/P1/'))).toEqual([true, true, true, true, true]);
  });
});

describe('concentrations', () => {
  it('below three are no curve', () => {
    const map = parsePlateMap(
      'well,compound,concentration_uM,role\nA01,drugA,1,\nA02,drugA,10,\nD01,dmso,0,vehicle',
      'm',
    );
    const readings = ['A01', 'A02', 'D01'].map((well) => reading('P1', `day7/x_${well}.tif`, 1));
    const a = compound(scoreStudy(input({ plates: [{ plate: 'P1', map, readings }] })), 'drugA');
    expect(a?.fit).toBeNull();
    expect(a?.verdict.reason).toBe('2 concentrations with an accepted image; a curve needs at least 3');
  });

  it('of a compound that kills at all of them are said to be too high', () => {
    const wells = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`A0${i}`, 0.02]));
    const a = compound(scoreStudy(onePlate(withWells('P1', wells))), 'drugA');
    expect(a).toMatchObject({ extrapolated: true, verdict: { label: 'strong signal' } });
    expect(a?.verdict.reason).toContain('< the lowest tested concentration (0.1 µM)');
  });

  it('beyond which the IC50 lies are said to be too low', () => {
    const wells = { A01: 1, A02: 0.98, A03: 0.9, A04: 0.8, A05: 0.6 };
    const a = compound(scoreStudy(onePlate(withWells('P1', wells))), 'drugA');
    expect(a?.extrapolated).toBe(true);
    expect(a?.supported?.losses.find(({ level }) => level === 50)?.censored).toBe('> 1000 µM (highest tested)');
    expect(a?.verdict).toMatchObject({ label: 'weak signal' });
    expect(a?.verdict.reason).toContain('half is not lost up to the highest tested concentration (1000 µM)');
  });
});

describe('the study’s own Cmax', () => {
  const withCmax = (cmax_uM: Record<string, number>, map = MAP) =>
    scoreStudy(input({ notes: { ...NOTES, cmax_uM }, plates: [{ plate: 'P1', map, readings: plateRead('P1', 7) }] }));

  it.each(['drugA', 'DRUG-A', 'drug a'])('wins over the reference, written as %s', (name) => {
    expect(compound(withCmax({ [name]: 5 }), 'drugA')).toMatchObject({ cmax_uM: 5, cmaxSource: 'study.json' });
  });

  it('of a name that no map has is a problem, with near names', () => {
    const { problems } = withCmax({ drgA: 5 });
    expect(problems).toEqual([
      'exports/s/study.json: cmax_uM names drgA, and no plate map does; near names: drugA. Write it as the plate maps do.',
    ]);
  });

  it('holds for the fraction unbound, too', () => {
    const { problems } = scoreStudy(input({ notes: { ...NOTES, fractionUnbound: { drgA: 0.1 } } }));
    expect(problems.join()).toContain('fractionUnbound names drgA, and no plate map does; near names: drugA');
    const a = compound(scoreStudy(input({ notes: { ...NOTES, fractionUnbound: { 'DRUG-A': 0.1 } } })), 'drugA');
    expect(a?.margin?.free?.mos).toBeCloseTo(10 * (a?.margin?.mos ?? 0), 9);
  });

  it('is not judged before every plate has its map', () => {
    const plates = [
      { plate: 'P1', map: MAP, readings: plateRead('P1', 7) },
      { plate: 'P2', map: undefined, readings: [] },
    ];
    const { problems } = scoreStudy(input({ notes: { ...NOTES, cmax_uM: { later: 5 } }, plates }));
    expect(problems.join()).not.toContain('later');
  });

  it('that is given twice is a problem', () => {
    const scores = withCmax({ 'drug-A': 5, DRUGA: 6 });
    expect(scores.problems.join()).toContain('gives one compound twice (drug-A, DRUGA)');
    expect(compound(scores, 'drugA')?.cmax_uM).toBe(5);
  });
});

it('a compound is spelt in one way on every day, though its plates are imaged on different ones', () => {
  const shouting = parsePlateMap(MAP_CSV.replaceAll('drugA', 'DRUG-A'), 'platemap.csv');
  const scores = scoreStudy(
    input({
      plates: [
        { plate: 'P1', map: MAP, readings: plateRead('P1', 3) },
        { plate: 'P2', map: shouting, readings: plateRead('P2', 7) },
      ],
    }),
  );
  expect(scores.days.map(({ compounds }) => compounds.map(({ compound: name }) => name).sort())).toEqual([
    ['DRUG-A', 'drugB', 'drugC'],
    ['DRUG-A', 'drugB', 'drugC'],
  ]);
});

describe('bit depths within one plate read', () => {
  const deep = (bits: number, bitDepthSource: 'file' | 'study' | 'assumed', day = 7) =>
    plateRead('P1', day).map((item, i): Reading => {
      const even = { bitDepth: 12, bitDepthSource: 'assumed' as const };
      const facts = { format: 'tiff' as const, width: 9, height: 9, pages: 1 };
      return { ...item, image: { ...facts, ...(i % 2 === 0 ? even : { bitDepth: bits, bitDepthSource }) } };
    });

  it.each([
    [10, 'assumed', '9 as 10-bit (assumed), 9 as 12-bit (assumed)'],
    [16, 'file', '9 as 12-bit (assumed), 9 as 16-bit'],
  ] as const)('assumed as 12 and %d (%s) are a problem', (bits, source, counts) => {
    expect(scoreStudy(onePlate(deep(bits, source))).problems).toEqual([
      `plate P1, day 7: images of one plate read were scaled differently, ${counts}. Give the camera’s true bitDepth in study.json.`,
    ]);
  });

  it('that files and notes state are none, whatever they are', () => {
    const stated = deep(16, 'file').map((item): Reading => {
      const { image } = item;
      return image?.bitDepthSource === 'assumed' ? { ...item, image: { ...image, bitDepthSource: 'study' } } : item;
    });
    expect(scoreStudy(onePlate(stated)).problems).toEqual([]);
  });

  it('that are equal, or of other days, are none', () => {
    expect(scoreStudy(onePlate(deep(12, 'file'))).problems).toEqual([]);
    expect(scoreStudy(onePlate([...deep(12, 'assumed', 7), ...plateRead('P1', 3)])).problems).toEqual([]);
  });
});

it('images that say themselves that they are simulated are simulated without notes', () => {
  const image = { format: 'tiff', width: 9, height: 9, bitDepth: 8, bitDepthSource: 'file', pages: 1 } as const;
  const readings = plateRead('P1', 7);
  const said = [...readings, reading('P1', 'day7/x_H12.tif', 1, { image: { ...image, instrument: SIMULATION } })];
  const plates = (items: Reading[]) => ({ notes: undefined, plates: [{ plate: 'P1', map: MAP, readings: items }] });
  expect(scoreStudy(input(plates(said))).simulated).toBe(true);
  expect(scoreStudy(input(plates(readings))).simulated).toBe(false);
});

describe('the drug reference', () => {
  it('is named by the scores that were made with it', () => {
    const scores = scoreStudy(input({ reference: { ...REFERENCE, sha256: 'of the file' } }));
    expect(compound(scores, 'drugA')?.provenance.reference).toBe('of the file');
  });

  it('is part of what makes a score old', () => {
    const plate = { plate: 'P1', map: MAP, readings: plateRead('P1', 7) };
    const digest = (referenceSha256: string) => inputsOf(plate, { notesVersion: 'n', referenceSha256 });
    expect(digest('old')).not.toBe(digest('new'));
    expect(digest('old')).toBe(digest('old'));
  });

  it('offers near names where it does not know a compound', () => {
    const map = parsePlateMap(MAP_CSV.replaceAll('drugA', 'drugX'), 'platemap.csv');
    const scores = scoreStudy(input({ plates: [{ plate: 'P1', map, readings: plateRead('P1', 7) }] }));
    expect(compound(scores, 'drugX')?.nearNames).toEqual(['drugA', 'drugB', 'drugC']);
    expect(compound(scores, 'drugX')?.verdict.reason).toContain('near names: drugA, drugB, drugC');
  });

  it('has ambiguous labels, which no AUC counts', () => {
    const map = parsePlateMap(MAP_CSV.replaceAll('drugC', 'drugD'), 'platemap.csv');
    const scores = scoreStudy(input({ plates: [{ plate: 'P1', map, readings: plateRead('P1', 7) }] }));
    expect(compound(scores, 'drugD')).toMatchObject({ mos: expect.any(Number), dili: { label: null } });
    expect(day7(scores)?.auc).toMatchObject({ n: 2, nPositive: 1 });
  });
});
