import { type DosePoint, fitDoseResponse } from '../lambdas/domain/dose-response/dose-response.ts';
import { seededRandom } from '../simulation/random.ts';
import { perCoreSecond } from './measure.ts';

const CURVES = 1_000;
const DOSES = 8;

/** Eight-point dose-response fits a second of one core, on curves of every steepness with 10 % noise. */
export function benchFits(): number {
  const random = seededRandom(7);
  const curves = Array.from({ length: CURVES }, (): DosePoint[] => {
    const ic50_uM = 10 ** (random() * 4 - 2);
    const hill = 0.5 + 3 * random();
    return Array.from({ length: DOSES }, (_, i) => {
      const concentration_uM = 0.01 * 10 ** (i * 0.6);
      return { concentration_uM, viability: 1 / (1 + (concentration_uM / ic50_uM) ** hill) + 0.2 * (random() - 0.5) };
    });
  });
  return perCoreSecond(CURVES, (run) => fitDoseResponse(curves[run] ?? []));
}
