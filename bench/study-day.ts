/** How long a study-day of many plates takes to score, from readings to ranking. */
import { type PlateMap, parsePlateMap } from '../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../lambdas/domain/notes/study.ts';
import type { Reading } from '../lambdas/domain/reads/reading.ts';
import { parseReference } from '../lambdas/domain/reference.ts';
import { scoreStudy } from '../lambdas/domain/scoring/score-study.ts';
import { wellName } from '../lambdas/domain/well.ts';
import { normal, type Random, seededRandom } from '../simulation/random.ts';
import { reading } from '../test/domain/plate-study.ts';

const ROWS = 16;
const DOSES = 8;
const REPLICATES = 2;
const VEHICLE_WELLS = 16;
const CONTROL_CV = 0.14;

interface Plate {
  plate: string;
  map: PlateMap;
  readings: Reading[];
}

/** @returns seconds for one scoring of plates that nothing is remembered of. */
export function benchStudyDay(plates: number): { seconds: number; compounds: number; wells: number } {
  const random = seededRandom(20);
  const drawn = Array.from({ length: plates }, (_, i) => drawPlate(`P${String(i + 1).padStart(2, '0')}`, random));
  const notes = parseStudy(
    JSON.stringify({
      location: 'bench',
      microscope: 'bench',
      cellModel: 'bench',
      firstDosing: '2026-03-02T09:00:00Z',
      imagingDays: [7],
    }),
    'study.json',
  );
  const reference = parseReference('compound,cmax_uM\n');
  const started = performance.now();
  const { days } = scoreStudy({ study: 's', notes, plates: drawn, reference });
  const seconds = (performance.now() - started) / 1000;
  const wells = drawn.reduce((sum, { readings }) => sum + readings.length, 0);
  return { seconds, compounds: days[0]?.compounds.length ?? 0, wells };
}

/** A drug a row, eight doses in duplicate, a column of vehicle wells. */
function drawPlate(plate: string, random: Random): Plate {
  const lines = ['well,compound,concentration_uM,role'];
  const readings: Reading[] = [];
  const add = (row: number, column: number, line: string, viability: number): void => {
    const well = wellName({ row, column });
    lines.push(`${well},${line}`);
    const read = viability + CONTROL_CV * Math.hypot(viability, 0.3) * normal(random);
    // As a model with a shared error states it: intervals are then found twice.
    readings.push(reading(plate, `day7/${well}.tif`, read, { sharedHalfWidth90: 0.14 }));
  };
  for (let row = 0; row < ROWS; row += 1) {
    const ic50_uM = 10 ** (3 * random() - 0.5);
    for (let dose = 0; dose < DOSES; dose += 1) {
      const concentration_uM = Number((300 / Math.sqrt(10) ** (DOSES - 1 - dose)).toPrecision(3));
      for (let replicate = 0; replicate < REPLICATES; replicate += 1)
        add(
          row,
          REPLICATES * dose + replicate,
          `${plate}-drug${row},${concentration_uM},treated`,
          1 / (1 + (concentration_uM / ic50_uM) ** 1.3),
        );
    }
  }
  for (let row = 0; row < VEHICLE_WELLS; row += 1) add(row, REPLICATES * DOSES, 'dmso,0,vehicle', 1);
  return { plate, map: parsePlateMap(lines.join('\n'), `${plate}/platemap.csv`), readings };
}
