import { expect, it } from 'vitest';
import { controlQuality } from '../../../lambdas/domain/plate-quality/controls.ts';
import { qualityWell, vehicleColumn } from './wells.ts';

const dead = (values: number[], concentration_uM = 100) =>
  values.map((viability, i) =>
    qualityWell(`${String.fromCharCode(65 + i)}12`, viability, { compound: 'Killer-1', concentration_uM }),
  );

it('computes Z′, SSMD, CV and the signal window by their definitions', () => {
  // Means 1 and 0.1, standard deviations 0.1 and 0.02.
  const wells = [...vehicleColumn(0.9, 1, 1.1), ...dead([0.08, 0.1, 0.12])];
  const found = controlQuality(wells, ['killer 1']);
  expect(found.vehicleCv).toBeCloseTo(0.1, 10);
  expect(found.zPrime).toBeCloseTo(1 - (3 * 0.12) / 0.9, 10);
  expect(found.ssmd).toBeCloseTo(0.9 / Math.hypot(0.1, 0.02), 10);
  expect(found.signalWindow).toBeCloseTo((0.9 - 3 * 0.12) / 0.1, 10);
  expect(found.robustZPrime).toBeCloseTo(1 - (3 * 1.4826 * 0.12) / 0.9, 10);
});

it('takes only the highest dose of a positive control', () => {
  const wells = [...vehicleColumn(0.9, 1, 1.1), ...dead([0.08, 0.1, 0.12]), ...dead([0.9, 1, 1], 1)];
  expect(controlQuality(wells, ['Killer-1'])).toMatchObject({ positiveWells: 3, zPrime: expect.closeTo(0.6, 5) });
});

it.each([
  ['no control is named, however dead a dose is', [], /names no positiveControls/],
  ['the plate has too few wells of it', ['other'], /0 wells of the positive control \(other\)/],
])('has no Z′ where %s', (_why, names, missing) => {
  const wells = [...vehicleColumn(0.9, 1, 1.1), ...dead([0.08, 0.1, 0.12])];
  expect(controlQuality(wells, names)).toMatchObject({
    zPrime: null,
    robustZPrime: null,
    ssmd: null,
    signalWindow: null,
    missing: expect.stringMatching(missing),
  });
});

it('has no CV below three vehicle wells, and one odd well does not move the robust one', () => {
  expect(controlQuality(vehicleColumn(1, 0.9), []).vehicleCv).toBeNull();
  const found = controlQuality(vehicleColumn(0.95, 1, 1.05, 1, 0.98, 0.1), []);
  expect(found.vehicleCv).toBeGreaterThan(0.4);
  expect(found.robustVehicleCv).toBeLessThan(0.07);
});

it('does not divide by controls that do not vary', () => {
  const wells = [...vehicleColumn(1, 1, 1), ...dead([0, 0, 0])];
  expect(controlQuality(wells, ['killer-1'])).toMatchObject({ zPrime: 1, ssmd: null, signalWindow: null });
});
