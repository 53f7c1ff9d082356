/** How often delayed toxicity is found, by how far the IC50 falls, and where it does not. Run: `npx tsx bench/delayed.ts [compounds]`. */
import { doseSummaries } from '../lambdas/domain/scoring/assess.ts';
import { supportedCurve } from '../lambdas/domain/supported/curve.ts';
import { compoundCourse, type DayAssessment } from '../lambdas/domain/time/compound-course.ts';
import { plateOfCurve, USUAL_DESIGN } from '../simulation/curve-plate.ts';
import { type Random, seededRandom, seedOf } from '../simulation/random.ts';

const compounds = Number(process.argv[2] ?? 150);
const LATE_IC50_uM = 8;
const CHANGES = [
  { name: 'no change', early_uM: LATE_IC50_uM },
  { name: '3-fold', early_uM: 3 * LATE_IC50_uM },
  { name: '10-fold', early_uM: 10 * LATE_IC50_uM },
  { name: 'from no effect', early_uM: 1e9 },
];

interface Noise {
  controlCv: number;
  vehicleWells: number;
}

function assessed(day: number, middle_uM: number, noise: Noise, random: Random): DayAssessment {
  const wells = plateOfCurve({ upper: 1, lower: 0, middle_uM, hill: 1.3 }, { ...USUAL_DESIGN, ...noise }, random);
  return {
    day,
    verdict: { provisional: false },
    provenance: { modelIdentities: ['one'] },
    points: doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0)),
    supported: supportedCurve(wells),
    lowestTested_uM: USUAL_DESIGN.doses_uM[0] ?? 0,
    highestTested_uM: USUAL_DESIGN.doses_uM.at(-1) ?? 0,
  };
}

for (const { name, early_uM } of CHANGES)
  for (const controlCv of [0.07, 0.14, 0.21]) {
    const shares = [2, 6, 16].map((vehicleWells) => {
      const found = Array.from({ length: compounds }, (_, compound) => {
        const random = seededRandom(seedOf('delayed', name, controlCv, vehicleWells, compound));
        const noise = { controlCv, vehicleWells };
        const days = [assessed(3, early_uM, noise, random), assessed(7, LATE_IC50_uM, noise, random)];
        return compoundCourse('x', days).delayed;
      });
      return `${((100 * found.filter(Boolean).length) / compounds).toFixed(1)} %`;
    });
    console.log(
      `${name}, control CV ${Math.round(100 * controlCv)} %, with 2, 6 and 16 vehicle wells: ${shares.join(', ')}`,
    );
  }
