/** Whatever wells read, both curves have an answer of finite numbers, or say that they have none. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { analyseCurve } from '../../lambdas/domain/curves/analyse.ts';
import type { CurveWell } from '../../lambdas/domain/curves/data.ts';
import { fitDoseResponse } from '../../lambdas/domain/dose-response/dose-response.ts';
import { doseSummaries } from '../../lambdas/domain/scoring/assess.ts';

const DOSES_uM = [0.1, 0.3, 1, 3, 10, 30, 100, 300];
const SHAPES: Record<string, (dose_uM: number) => number> = {
  flat: () => 1,
  'above the vehicle': () => 1.6,
  'all dead': () => 0,
  'a step between two doses': (dose_uM) => (dose_uM < 5 ? 1 : 0),
  'a bell': (dose_uM) => (dose_uM > 0.5 && dose_uM < 20 ? 0.2 : 1),
  rising: (dose_uM) => 0.2 + 0.2 * Math.log10(dose_uM / 0.1),
  'a zigzag': (dose_uM) => (Math.round(2 * Math.log10(dose_uM)) % 2 === 0 ? 1 : 0.1),
};

it.each(Object.keys(SHAPES))('%s', (shape) => {
  fc.assert(
    fc.property(
      fc.nat({ max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 1, maxLength: 28 }),
      fc.constantFrom(0, 0.01, 1),
      fc.boolean(),
      (vehicles, replicates, noises, size, isModel) => {
        let drawn = 0;
        const read = (level: number): number => level + size * (noises[drawn++ % noises.length] ?? 0);
        const wells: CurveWell[] = [
          ...Array.from({ length: vehicles }, () => ({ scale: 'p', concentration_uM: 0, viability: read(1) })),
          ...DOSES_uM.flatMap((concentration_uM) =>
            Array.from({ length: replicates }, () => ({
              ...{ scale: 'p', concentration_uM, viability: read(SHAPES[shape]?.(concentration_uM) ?? 1) },
              ...(isModel ? { sharedHalfWidth90: 0.1 } : {}),
            })),
          ),
        ];
        const analysis = analyseCurve(wells);
        if (vehicles > 0) expect(analysis).not.toBeNull();
        // What JSON cannot say comes back as null, and equals only what was null before.
        expect(JSON.parse(JSON.stringify(analysis?.losses ?? []))).toEqual(analysis?.losses ?? []);
        for (const { concentration_uM, low_uM, high_uM } of analysis?.losses ?? []) {
          if (concentration_uM === null) continue;
          expect(low_uM ?? 0).toBeLessThanOrEqual(concentration_uM);
          expect(high_uM ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(concentration_uM);
        }
        const fit = fitDoseResponse(doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0)));
        expect(Number.isNaN(fit?.ic50_uM) || Number.isNaN(fit?.sse) || Number.isNaN(fit?.hill)).toBe(false);
      },
    ),
    { numRuns: 40 },
  );
});
