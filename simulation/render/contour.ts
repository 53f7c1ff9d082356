/** The outline of a spheroid: a few lobes that say nothing, and a fine raggedness that grows as it dies. */
import { normal, type Random } from '../random.ts';

const STEPS = 720;
const LOBES = { from: 2, to: 5 };
const TEETH = { from: 7, to: 46 };

/** Radius by angle, in units of the mean radius. */
export interface Contour {
  at(angle: number): number;
}

/**
 * @param lobes amplitude of the low harmonics
 * @param raggedness root-mean-square amplitude of the high ones
 */
export function drawContour(shape: Random, random: Random, lobes: number, raggedness: number): Contour {
  const radii = new Float32Array(STEPS).fill(1);
  for (let k = LOBES.from; k < LOBES.to; k += 1) addHarmonic(radii, k, (lobes * normal(shape)) / k, 6.283 * shape());
  const teeth = TEETH.to - TEETH.from;
  for (let k = TEETH.from; k < TEETH.to; k += 1) {
    addHarmonic(radii, k, (raggedness * Math.SQRT2 * (0.6 + 0.8 * random())) / Math.sqrt(teeth), 6.283 * random());
  }
  return {
    at: (angle) => {
      const turns = angle / (2 * Math.PI) + 1;
      return Math.max(0.35, radii[Math.floor((turns < 1 ? turns : turns - 1) * STEPS) % STEPS] ?? 1);
    },
  };
}

function addHarmonic(radii: Float32Array, order: number, amplitude: number, phase: number): void {
  for (let i = 0; i < STEPS; i += 1) {
    radii[i] = (radii[i] ?? 0) + amplitude * Math.cos((2 * Math.PI * order * i) / STEPS + phase);
  }
}
