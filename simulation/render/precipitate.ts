/** Compound that fell out of solution, over and around the spheroid: a layer of its own, in focus or not. */
import {
  DEFOCUS,
  PRECIPITATES,
  type PrecipitateForm,
  type PrecipitateProfile,
  SETTLING,
} from '../profiles/precipitate.ts';
import { normal, type Random, type Range, uniform } from '../random.ts';
import { gaussianBlur } from './blur.ts';
import { addGranule, type Density, drawWithin, emptyDensity, transmission } from './density.ts';
import type { Precipitate } from './specification.ts';

/** Thinner lines than this would lie between pixels. */
const THINNEST_PIXELS = 0.55;

/** How far the needles of a sheaf point apart, radians. */
const SHEAF = 0.45;

/** How bright a refracting edge is beside its dark line. Out of focus it is dark on the whole. */
const BRIGHT_SIDE = 0.2;

/** From a rhomb (1) over cut corners to a box (2), and the density of the face against the edge. */
const CORNERS: Range = [1, 2];
const FACE = 0.12;

/** Light that comes through the layer, per pixel. @param blur of the picture, pixels */
export function precipitateLayer(
  { form, amount }: Precipitate,
  side: number,
  blur: number,
  random: Random,
): Float32Array {
  const profile: PrecipitateProfile = PRECIPITATES[form];
  const layer = emptyDensity(side);
  const defocus = side * uniform(random, DEFOCUS);
  for (let left = Math.round(profile.most * amount); left > 0; ) {
    const particles = Math.min(left, 1 + Math.floor(profile.bundle * random()));
    addBundle(layer, form, profile, particles, random);
    left -= particles;
  }
  const light = transmission(layer);
  gaussianBlur(light, side, Math.hypot(blur, defocus));
  return light;
}

function addBundle(
  layer: Density,
  form: PrecipitateForm,
  profile: PrecipitateProfile,
  particles: number,
  random: Random,
): void {
  const { side } = layer;
  const settled = random() < SETTLING.aroundTheMiddle;
  const place = (): number => side * (settled ? 0.5 + SETTLING.spread * normal(random) : random());
  let [x, y] = [place(), place()];
  const heading = 2 * Math.PI * random();
  for (let i = 0; i < particles; i += 1) {
    const size = side * uniform(random, profile.size);
    const breadth = size * uniform(random, profile.slenderness);
    const density = uniform(random, profile.opticalDensity);
    if (form === 'needles') addNeedle(layer, x, y, heading + SHEAF * normal(random), size, breadth, density);
    else if (form === 'crystals') addCrystal(layer, x, y, drawCrystal(size, breadth, density, random));
    else addGranule(layer, x, y, size, density);
    x += profile.apart * size * normal(random);
    y += profile.apart * size * normal(random);
  }
}

/** A line from a point: dark along its middle, bright beside it. */
function addNeedle(
  layer: Density,
  x: number,
  y: number,
  heading: number,
  length: number,
  breadth: number,
  density: number,
): void {
  const [along, across] = [Math.cos(heading), Math.sin(heading)];
  const width = Math.max(THINNEST_PIXELS, breadth / 2);
  const middle = [x + (along * length) / 2, y + (across * length) / 2] as const;
  drawWithin(layer, middle[0], middle[1], length / 2 + 4 * width, (values, from, to, x0, dy) => {
    for (let i = from, at = x0; i <= to; i += 1, at += 1) {
      const dx = at - middle[0];
      const beyond = Math.max(0, Math.abs(dx * along + dy * across) - length / 2);
      const d = Math.hypot(dy * along - dx * across, beyond) / width;
      if (d < 4) values[i] = (values[i] ?? 0) + density * edge(d);
    }
  });
}

/** A plate: its outline refracts, its face takes a little light. */
function addCrystal(
  layer: Density,
  x: number,
  y: number,
  { heading, length, breadth, density, corners, skew }: Crystal,
): void {
  const [along, across] = [Math.cos(heading), Math.sin(heading)];
  const [a, b] = [length / 2, breadth / 2];
  const width = Math.max(THINNEST_PIXELS, 0.05 * length);
  drawWithin(layer, x, y, (1 + Math.abs(skew)) * a + 4 * width, (values, from, to, x0, dy) => {
    for (let i = from, at = x0; i <= to; i += 1, at += 1) {
      const dx = at - x;
      const v = (dy * along - dx * across) / b;
      const u = (dx * along + dy * across) / a - skew * v;
      // 1 on the outline; how far it is from there, in pixels, by the shorter half axis.
      const inside = 1 - Math.max(Math.abs(u), Math.abs(v), (Math.abs(u) + Math.abs(v)) / corners);
      const d = (Math.abs(inside) * b) / width;
      const face = inside > 0 ? FACE : 0;
      if (d < 4 || face > 0) values[i] = (values[i] ?? 0) + density * (edge(d) + face);
    }
  });
}

const drawCrystal = (length: number, breadth: number, density: number, random: Random): Crystal => ({
  heading: 2 * Math.PI * random(),
  length,
  breadth,
  density,
  corners: uniform(random, CORNERS),
  skew: uniform(random, [-0.6, 0.6]),
});

interface Crystal {
  heading: number;
  length: number;
  breadth: number;
  density: number;
  /** See {@link CORNERS}. */
  corners: number;
  /** Of the parallelogram. */
  skew: number;
}

/** Density at a distance from a refracting edge, in its widths: dark on it, bright beside it. */
const edge = (distance: number): number =>
  Math.exp(-distance * distance) - BRIGHT_SIDE * Math.exp(-((distance - 2) ** 2));
