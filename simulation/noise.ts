/** Smooth and white noise from tables that are made once: a frame needs millions of values. */
import { normal, seededRandom } from './random.ts';

const SIDE = 256;
const MASK = SIDE - 1;

const LATTICE = (() => {
  const random = seededRandom(7);
  return Float32Array.from({ length: SIDE * SIDE }, () => random() * 2 - 1);
})();

const GAUSSIAN = (() => {
  const random = seededRandom(11);
  return Float32Array.from({ length: 1 << 16 }, () => normal(random));
})();

const lattice = (x: number, y: number): number => LATTICE[((y & MASK) << 8) | (x & MASK)] ?? 0;

/** Value noise in about [-1, 1], smooth on the scale of one unit. */
export function smoothNoise(x: number, y: number): number {
  const xi = Math.floor(x);
  const yi = Math.floor(y);
  const u = x - xi;
  const v = y - yi;
  const fx = u * u * (3 - 2 * u);
  const fy = v * v * (3 - 2 * v);
  const a = lattice(xi, yi);
  const b = lattice(xi + 1, yi);
  const c = lattice(xi, yi + 1);
  const d = lattice(xi + 1, yi + 1);
  return a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy;
}

/** Two octaves, turned against each other so that the lattice does not show. */
export function turbulence(x: number, y: number): number {
  const first = smoothNoise(0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y);
  const second = smoothNoise(1.1 * x + 1.9 * y + 57, -1.9 * x + 1.1 * y + 19);
  return 0.7 * first + 0.45 * second;
}

/** Standard normal value number `index` of a fixed table of 65,536. */
export const gaussianAt = (index: number): number => GAUSSIAN[index & 0xffff] ?? 0;
