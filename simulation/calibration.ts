/**
 * Command: `node --import tsx simulation/calibration.ts`. Measures drawn spheroids as real ones were measured, for the
 * table of the README: medians and ranges of living wells, by the pipeline's own mask.
 */
import { median } from '../lambdas/domain/statistics.ts';
import { toEightBit } from '../lambdas/imaging/model-input.ts';
import { assessQuality } from '../lambdas/imaging/quality.ts';
import { type Mechanism, TRAINING_MECHANISMS, UNSEEN_MECHANISM } from './profiles/mechanisms.ts';
import { type Frame, renderWell } from './render/index.ts';

const SIDE = 1024;
const WELLS = 12;
/** Half the side of the squares in the corners and around a point of a profile, pixels. */
const CORNER = 60;
const DIRECTIONS = 48;

const MEASURES = {
  'background / full scale': ({ background }: Well) => background,
  'diameter / frame': ({ radius }: Well) => (2 * radius) / SIDE,
  'core / background': (well: Well) => transmission(well, 0.1),
  'transmission at 0.5 R': (well: Well) => transmission(well, 0.5),
  'transmission at 0.8 R': (well: Well) => transmission(well, 0.8),
  'transmission at 1.1 R': (well: Well) => transmission(well, 1.1),
  'pixel noise / background': noise,
  'corner against centre': cornerAgainstCentre,
} satisfies Record<string, (well: Well) => number>;

interface Well {
  frame: Frame;
  /** Fraction of full scale. */
  background: number;
  radius: number;
  cx: number;
  cy: number;
}

function measuredWell(mechanism: Mechanism, seed: number): Well[] {
  const frame = renderWell({ mechanism, viability: 1, seed, side: SIDE });
  const { exposure, spheroid } = assessQuality(toEightBit(frame.pixels, frame.bitDepth), SIDE, SIDE, []);
  const { diameterFraction, centreX, centreY } = spheroid;
  if (diameterFraction === undefined || centreX === undefined || centreY === undefined) return [];
  const radius = (diameterFraction * SIDE) / 2;
  return [{ frame, background: exposure.background, radius, cx: centreX * SIDE, cy: centreY * SIDE }];
}

/** Fraction of full scale; NaN outside the frame. */
const lightAt = ({ pixels, bitDepth }: Frame, x: number, y: number): number =>
  (pixels[Math.round(y) * SIDE + Math.round(x)] ?? Number.NaN) / (2 ** bitDepth - 1);

/** Median over directions at a distance from the centre, in units of the radius. */
function transmission({ frame, background, radius, cx, cy }: Well, distance: number): number {
  const values = Array.from({ length: DIRECTIONS }, (_, i) => {
    const angle = (2 * Math.PI * i) / DIRECTIONS;
    return lightAt(frame, cx + distance * radius * Math.cos(angle), cy + distance * radius * Math.sin(angle));
  });
  return median(values.filter((value) => !Number.isNaN(value))) / background;
}

/** Robust standard deviation of the step between neighbours in a corner, which holds the noise of both. */
function noise({ frame, background }: Well): number {
  const steps: number[] = [];
  for (let y = 0; y < 2 * CORNER; y += 1) {
    for (let x = 1; x < 2 * CORNER; x += 1) steps.push(Math.abs(lightAt(frame, x, y) - lightAt(frame, x - 1, y)));
  }
  return (1.4826 * median(steps)) / Math.SQRT2 / background;
}

/** The corners' light over the light half-way between centre and edge, clear of the spheroid. */
function cornerAgainstCentre({ frame }: Well): number {
  const around = (x: number, y: number): number => {
    const values: number[] = [];
    for (let dy = -CORNER; dy <= CORNER; dy += 4) {
      for (let dx = -CORNER; dx <= CORNER; dx += 4) values.push(lightAt(frame, x + dx, y + dy));
    }
    return median(values);
  };
  const [near, far] = [CORNER, SIDE - 1 - CORNER];
  const corners = median([around(near, near), around(far, near), around(near, far), around(far, far)]);
  const inner = [0.25, 0.75].flatMap((u) => [0.25, 0.75].map((v) => around(u * SIDE, v * SIDE)));
  return corners / median(inner) - 1;
}

const figure = (value: number): string => value.toFixed(Math.abs(value) < 0.1 ? 3 : 2);

for (const mechanism of [...TRAINING_MECHANISMS, UNSEEN_MECHANISM]) {
  const wells = Array.from({ length: WELLS }, (_, seed) => measuredWell(mechanism, seed + 1)).flat();
  process.stdout.write(`${mechanism.name}: ${wells.length} of ${WELLS} wells found\n`);
  for (const [name, measure] of Object.entries(MEASURES)) {
    const values = wells.map(measure);
    process.stdout.write(
      `  ${name.padEnd(26)} ${figure(median(values))} (${figure(Math.min(...values))} to ${figure(Math.max(...values))})\n`,
    );
  }
}
