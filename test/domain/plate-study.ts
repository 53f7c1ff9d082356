/** A small screen for scoring tests: three drugs, two vehicle wells and an untreated one on a plate; and how to ask its scores. */
import { parsePlateMap } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../../lambdas/domain/notes/study.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { parseReference } from '../../lambdas/domain/reference.ts';
import type { ScoreStudyInput } from '../../lambdas/domain/scoring/score-study.ts';
import type { CompoundScore, DayScore, StudyScores } from '../../lambdas/domain/scoring/scores.ts';

export const REFERENCE = parseReference(
  'compound,cmax_uM,cmax_min_uM,cmax_max_uM,dilirank\ndrugA,1,0.5,2,Most-DILI-Concern\ndrugB,0.01,,,No-DILI-Concern\ndrugC,,,,\ndrugD,1,,,Ambiguous DILI-concern\n',
);
export const NOTES = parseStudy(
  JSON.stringify({
    location: 'a',
    microscope: 'm',
    cellModel: 'c',
    firstDosing: '2026-03-02T09:00:00+01:00',
    imagingDays: [3, 7],
  }),
  'study.json',
);
export const DOSES = [0.1, 1, 10, 100, 1000];
const ROWS = ['A', 'B', 'C'];
export const MAP_CSV = [
  'well,compound,concentration_uM,role',
  ...['drugA', 'drugB', 'drugC'].flatMap((compound, r) =>
    DOSES.map((dose, i) => `${ROWS[r]}0${i + 1},${compound},${dose},treated`),
  ),
  'D01,dmso,0,vehicle',
  'D02,dmso,0,',
  'D03,medium,0,untreated',
].join('\n');
export const MAP = parsePlateMap(MAP_CSV, 'platemap.csv');

export function reading(plate: string, path: string, viability: number, over: Partial<Reading> = {}): Reading {
  return {
    schema: 1,
    study: 's',
    plate,
    path,
    key: `exports/s/${plate}/${path}`,
    versionId: `v-${path}`,
    etag: 'e',
    status: 'read',
    revision: 1,
    uploadedAt: '2026-03-09T10:00:00.000Z',
    viability,
    preprocessingVersion: '1',
    model: { name: 'nvir', version: '1', sha256: 'x', variant: 'int8' },
    readAt: '2026-03-09T10:01:00.000Z',
    ...over,
  };
}

/** A plate read: drugA has its IC50 at 10 µM, drugB shows nothing, drugC dies at once. */
export function plateRead(plate: string, day: number, level = 1): Reading[] {
  const curve: Record<string, (dose: number) => number> = {
    A: (dose) => 1 / (1 + dose / 10),
    B: () => 1,
    C: () => 0.02,
  };
  const treated = ROWS.flatMap((row) =>
    DOSES.map((dose, i) => reading(plate, `day${day}/x_${row}0${i + 1}.tif`, level * (curve[row]?.(dose) ?? 1))),
  );
  return [...treated, ...['D01', 'D02', 'D03'].map((well) => reading(plate, `day${day}/x_${well}.tif`, level))];
}

export const input = (over: Partial<ScoreStudyInput> = {}): ScoreStudyInput => ({
  study: 's',
  notes: NOTES,
  plates: [{ plate: 'P1', map: MAP, readings: plateRead('P1', 7) }],
  reference: REFERENCE,
  ...over,
});

export const day7 = (scores: StudyScores): DayScore | undefined => scores.days.find(({ day }) => day === 7);
export const compound = (scores: StudyScores, name: string): CompoundScore | undefined =>
  day7(scores)?.compounds.find((row) => row.compound === name);
