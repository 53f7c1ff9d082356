/** What the remedy for two versions of preprocessing leaves behind where today’s model is another, too: scores, as before. */
import { expect, it } from 'vitest';
import type { Study } from '../../lambdas/domain/notes/study.ts';
import { daysDrawnIn, linkedReads, readPlateOf } from '../../lambdas/domain/reads/linked-reads.ts';
import { imagesToReadAgain } from '../../lambdas/domain/reads/read-again.ts';
import type { Reading } from '../../lambdas/domain/reads/reading.ts';
import { scoreStudy } from '../../lambdas/domain/scoring/score-study.ts';
import { day7, input, MAP, NOTES, plateRead } from './plate-study.ts';

const former = { name: 'nvir', version: '1', sha256: 'x', variant: 'int8' };
const today = { ...former, version: '2', sha256: 'y' };
type Plates = Record<string, Reading[]>;

const prepared = (preprocessingVersion: string, readings: readonly Reading[], model = former): Reading[] =>
  readings.map((reading) => ({ ...reading, preprocessingVersion, model }));
const alive = (readings: readonly Reading[]): Reading[] => readings.map((reading) => ({ ...reading, viability: 1 }));
const withoutVehicle = (readings: readonly Reading[]): Reading[] => readings.filter(({ path }) => !/D0[12]/.test(path));

const score = (plates: Plates, notes: Study) =>
  scoreStudy(
    input({ notes, plates: Object.entries(plates).map(([plate, readings]) => ({ plate, map: MAP, readings })) }),
  );
/** As `nvir retry --older-preprocessing` of the study has them read again. */
function retried(plates: Plates, notes: Study): { plates: Plates; again: string[] } {
  const what = { olderPreprocessing: true, otherModel: false, model: today };
  const read = Object.entries(plates).map(([plate, readings]) => readPlateOf({ plate, map: MAP, readings }, notes));
  const drawnIn = daysDrawnIn(
    read.flatMap((plate) => linkedReads(plate, notes, what, '2')),
    notes.normalisation,
  );
  const again = new Set(
    read.flatMap(({ plate, images }) => imagesToReadAgain(images, { ...what, days: drawnIn.get(plate) }, '2')),
  );
  const readAgain = ([plate, readings]: [string, Reading[]]) => [
    plate,
    readings.map((reading) =>
      again.has(reading.key) ? { ...reading, preprocessingVersion: '2', model: today } : reading,
    ),
  ];
  const reads = [...again].map((key) => key.split('/').slice(2, 4).join(' '));
  return { plates: Object.fromEntries(Object.entries(plates).map(readAgain)), again: [...new Set(reads)].sort() };
}

it.each<[string, Partial<Study>, Plates, string[]]>([
  [
    'day 0, with every day that is divided by it',
    { normalisation: 'day-0', imagingDays: [0, 3, 7] },
    {
      P1: [
        ...prepared('1', alive(plateRead('P1', 0))),
        ...prepared('2', plateRead('P1', 3)),
        ...prepared('2', plateRead('P1', 7)),
      ],
    },
    ['P1 day0', 'P1 day3', 'P1 day7'],
  ],
  [
    'a day, with day 0 and the other days',
    { normalisation: 'day-0', imagingDays: [0, 3, 7] },
    {
      P1: [
        ...prepared('2', alive(plateRead('P1', 0))),
        ...prepared('1', plateRead('P1', 3)),
        ...prepared('2', plateRead('P1', 7)),
      ],
    },
    ['P1 day0', 'P1 day3', 'P1 day7'],
  ],
  [
    'a plate, with those of the pool of its day',
    { normalisation: 'vehicle-day' },
    {
      P1: prepared('1', plateRead('P1', 7)),
      P2: [...prepared('2', plateRead('P2', 7)), ...prepared('2', plateRead('P2', 3))],
    },
    ['P1 day7', 'P2 day7'],
  ],
  [
    'a plate, with the one that borrows its vehicle wells',
    {},
    { P1: prepared('1', plateRead('P1', 7)), P2: prepared('2', withoutVehicle(plateRead('P2', 7))) },
    ['P1 day7', 'P2 day7'],
  ],
  [
    'by many steps: by a borrowed pool to another plate, there by day 0 to another day',
    { normalisation: 'day-0', imagingDays: [0, 3, 7] },
    {
      P1: [...prepared('2', alive(plateRead('P1', 0))), ...prepared('1', plateRead('P1', 7))],
      P2: [
        ...prepared('2', alive(plateRead('P2', 0))),
        ...prepared('2', withoutVehicle(plateRead('P2', 7))),
        ...prepared('2', plateRead('P2', 3)),
      ],
    },
    ['P1 day0', 'P1 day7', 'P2 day0', 'P2 day3', 'P2 day7'],
  ],
  [
    'a plate read of its own alone',
    {},
    {
      P1: [...prepared('1', plateRead('P1', 7)), ...prepared('2', plateRead('P1', 3))],
      P2: prepared('2', plateRead('P2', 7)),
    },
    ['P1 day7'],
  ],
  [
    'no other where the model stays',
    { normalisation: 'vehicle-day' },
    { P1: prepared('1', plateRead('P1', 7), today), P2: prepared('2', plateRead('P2', 7), today) },
    ['P1 day7'],
  ],
])('reads again %s', (_what, more, plates, expected) => {
  const notes: Study = { ...NOTES, ...more };
  const labels = (of: Plates) => day7(score(of, notes))?.compounds.map(({ verdict }) => verdict.label);
  const { plates: after, again } = retried(plates, notes);
  expect(again).toEqual(expected);
  expect(labels(after)).toEqual(labels(plates));
  expect(labels(plates)).toContain('signal');
  // Plates of one day may end with a model each, none divided by another: scored, and said.
  const last = Object.values(after).flatMap((readings) => readings.filter(({ key }) => key.includes('/day7/')));
  const models = new Set(last.map(({ model }) => model?.version));
  expect(score(after, notes).problems).toEqual(models.size > 1 ? [expect.stringContaining('read by 2 models')] : []);
  expect(retried(after, notes).again).toEqual([]);
});
