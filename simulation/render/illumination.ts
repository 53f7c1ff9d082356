/** The empty field of a microscope: level, tilt, vignetting, unevenness, and the striations of a moulded well bottom. */
import { smoothNoise } from '../noise.ts';
import type { MicroscopeProfile } from '../profiles/microscope.ts';
import { normal, type Random, uniform } from '../random.ts';

/** The field is smooth: it is computed on every fourth pixel and interpolated. */
const STEP = 4;

export interface Field {
  /** Grid of (cells + 1)² values, fraction of full scale. */
  grid: Float32Array;
  cells: number;
}

export function drawField(microscope: MicroscopeProfile, side: number, random: Random): Field {
  const background = uniform(random, microscope.background);
  const vignetting = uniform(random, microscope.vignetting);
  const striations = uniform(random, microscope.striations);
  const unevenness = uniform(random, microscope.unevenness);
  const tilt = [0.02 * normal(random), 0.02 * normal(random)] as const;
  const centre = [0.5 + 0.05 * normal(random), 0.5 + 0.05 * normal(random)] as const;
  const phase = 100 * random();

  const cells = Math.ceil(side / STEP);
  const grid = new Float32Array((cells + 1) ** 2);
  for (let row = 0; row <= cells; row += 1) {
    const v = row / cells - centre[1];
    for (let column = 0; column <= cells; column += 1) {
      const u = column / cells - centre[0];
      const q = u * u + v * v;
      const level = background * (1 + tilt[0] * u + tilt[1] * v) * (1 + 2 * vignetting * q);
      const slow = 1 + unevenness * smoothNoise(phase + 5 * u, 5 * v);
      const rays = 1 + striations * smoothNoise(phase + 40 * Math.atan2(v, u), 14 * Math.sqrt(q));
      grid[row * (cells + 1) + column] = level * slow * rays;
    }
  }
  return { grid, cells };
}

/** Multiplies transmissions by the field, bilinearly interpolated. */
export function applyField(values: Float32Array, side: number, { grid, cells }: Field): void {
  const width = cells + 1;
  const scale = cells / side;
  for (let y = 0; y < side; y += 1) {
    const v = y * scale;
    const row = Math.floor(v);
    const fy = v - row;
    for (let x = 0; x < side; x += 1) {
      const u = x * scale;
      const column = Math.floor(u);
      const fx = u - column;
      const i = row * width + column;
      const top = (grid[i] ?? 0) * (1 - fx) + (grid[i + 1] ?? 0) * fx;
      const bottom = (grid[i + width] ?? 0) * (1 - fx) + (grid[i + width + 1] ?? 0) * fx;
      const pixel = y * side + x;
      values[pixel] = (values[pixel] ?? 0) * (top + (bottom - top) * fy);
    }
  }
}
