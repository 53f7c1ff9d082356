/**
 * A spheroid as optical density. Viability shows in structure alone, by several cues that each vary from one spheroid
 * to the next: the rim frays, the mass loosens into gaps, its edge softens, the refracting rim fades, cells stand out on
 * the rim and are shed around it. Size and mean density change too, but with a sign that depends on the cell model.
 */
import { turbulence } from '../noise.ts';
import type { CellModelProfile } from '../profiles/cell-model.ts';
import { normal, type Random, uniform } from '../random.ts';
import { type Contour, drawContour } from './contour.ts';
import { addCell, addGranule, type Density, drawWithin } from './density.ts';

/** How much one spheroid's cue departs from the average at its viability. */
const CUE_SPREAD = 0.18;

/** Light bent outwards by the mass brightens a ring outside its edge. Measured on real ones: +1.4 % of the background. */
const HALO_DENSITY = -0.014;

/** Of the shed cells, how many settle on one side of the well, how widely, and how many stick to the cell before. */
const SHED = { aside: 0.5, spread: 0.7, clumped: 0.3 };

/** Folds and pigment of a living spheroid, which differ from one to the next and say nothing of viability. */
const FOLDS_SPREAD = 0.2;
const MOST_PIGMENT_GRAINS = 30;

interface Shape {
  cx: number;
  cy: number;
  radius: number;
  contour: Contour;
  cell: number;
}

/** Damage 0 (alive) to 1 (dead). */
export const damageOf = (viability: number): number => Math.min(1, Math.max(0, 1 - viability / 1.15));

/**
 * @param shape chance for what belongs to the spheroid and stays over the days
 * @param random chance of this picture
 * @param takenUp optical density of a coloured compound in the cells, through the middle
 */
export function addSpheroid(
  canvas: Density,
  model: CellModelProfile,
  viability: number,
  shape: Random,
  random: Random,
  takenUp = 0,
): void {
  const damage = damageOf(viability);
  const cue = (alive: number, dead: number): number =>
    Math.max(0, alive + (dead - alive) * damage * (1 + CUE_SPREAD * normal(random)));

  const diameter = uniform(shape, model.diameter) * (1 + uniform(shape, model.sizeChange) * damage);
  const density = uniform(shape, model.opticalDensity) * (1 + uniform(shape, model.densityChange) * damage) + takenUp;
  const spheroid: Shape = {
    cx: canvas.side * (0.5 + model.offCentre * normal(shape)),
    cy: canvas.side * (0.5 + model.offCentre * normal(shape)),
    radius: (diameter / 2) * canvas.side,
    contour: drawContour(shape, random, 0.03 + 0.05 * model.lobes * shape(), cue(0.006, 0.085)),
    cell: (uniform(shape, model.cellRadius) * diameter * canvas.side) / 2,
  };
  addMass(canvas, spheroid, {
    density,
    rim: uniform(shape, model.rim) * (1 - cue(0, 0.8)),
    edge: cue(0.025, 0.14),
    gaps: cue(0, 1),
    threshold: 0.75 - cue(0.05, 0.85),
    granularity: uniform(random, model.granularity),
    folds: Math.abs(FOLDS_SPREAD * normal(shape)),
    originX: 200 * random(),
    originY: 200 * random(),
  });
  addPigment(canvas, spheroid, Math.round(MOST_PIGMENT_GRAINS * shape()), shape);
  addRimCells(canvas, spheroid, Math.round(cue(4, 44)), random);
  addShedCells(canvas, spheroid, Math.round(uniform(random, model.looseCells) + cue(0, 95)), damage, random);
  if (shape() < 0.3 * model.lobes) addSatellites(canvas, spheroid, density, shape);
}

interface Mass {
  density: number;
  rim: number;
  /** Width of the edge in units of the radius. */
  edge: number;
  /** How deep the gaps of a loosening mass are, and the noise level above which they open. */
  gaps: number;
  threshold: number;
  granularity: number;
  folds: number;
  originX: number;
  originY: number;
}

function addMass(canvas: Density, { cx, cy, radius, contour, cell }: Shape, mass: Mass): void {
  const coarse = 0.42 / cell;
  const fine = 1 / cell;
  const edge = 0.012 + 0.4 * mass.edge;
  drawWithin(canvas, cx, cy, radius * 1.6, (values, from, to, x0, dy) => {
    for (let i = from, x = x0; i <= to; i += 1, x += 1) {
      const dx = x - cx;
      const r = Math.sqrt(dx * dx + dy * dy) / radius;
      if (r > 1.6) continue;
      // The outline bends only the outer half: deep inside, a ragged rim must not turn into a star.
      const outer = Math.min(1, Math.max(0, 2 * r - 0.9));
      const rho = outer === 0 ? r : r / (1 + (contour.at(Math.atan2(dy, dx)) - 1) * outer);
      if (rho > 1.45) continue;
      const depth = rho < 1 ? Math.sqrt(Math.sqrt(1 - rho * rho)) : 0;
      const inside = 1 / (1 + Math.exp((rho - 1 + mass.edge) / edge));
      const opening = turbulence(mass.originX + dx * coarse, mass.originY + dy * coarse) - mass.threshold;
      const gap = opening > 0 ? Math.max(0.06, 1 - 1.5 * mass.gaps * opening) : 1;
      const grain = 1 + mass.granularity * turbulence(mass.originY + dx * fine, mass.originX + dy * fine);
      const folded = 1 + mass.folds * turbulence(dx * coarse - mass.originX, dy * coarse - mass.originY);
      const ring = (rho - 0.96) / 0.055;
      const halo = (rho - 1.2) / 0.1;
      values[i] =
        (values[i] ?? 0) +
        (mass.density * (0.25 + 0.75 * depth) * inside * gap * grain * folded +
          mass.rim * Math.exp(-ring * ring) +
          HALO_DENSITY * Math.exp(-halo * halo));
    }
  });
}

function addPigment(canvas: Density, { cx, cy, radius, cell }: Shape, count: number, random: Random): void {
  for (let i = 0; i < count; i += 1) {
    const angle = 2 * Math.PI * random();
    const distance = 0.85 * radius * Math.sqrt(random());
    const size = cell * (0.3 + 0.4 * random());
    addGranule(canvas, cx + distance * Math.cos(angle), cy + distance * Math.sin(angle), size, 0.1 + 0.3 * random());
  }
}

function addRimCells(canvas: Density, { cx, cy, radius, contour, cell }: Shape, count: number, random: Random): void {
  for (let i = 0; i < count; i += 1) {
    const angle = 2 * Math.PI * random();
    const distance = radius * contour.at(angle) * (0.98 + 0.13 * random());
    addCell(
      canvas,
      cx + distance * Math.cos(angle),
      cy + distance * Math.sin(angle),
      cell * (0.7 + 0.6 * random()),
      0.2 + 0.4 * random(),
    );
  }
}

function addShedCells(
  canvas: Density,
  { cx, cy, radius, cell }: Shape,
  count: number,
  damage: number,
  random: Random,
): void {
  const side = 2 * Math.PI * random();
  let x = cx;
  let y = cy;
  for (let i = 0; i < count; i += 1) {
    const size = cell * (0.45 + 0.6 * random());
    if (i > 0 && random() < SHED.clumped) {
      x += 1.1 * size * normal(random);
      y += 1.1 * size * normal(random);
    } else {
      const angle = random() < SHED.aside ? side + SHED.spread * normal(random) : 2 * Math.PI * random();
      const distance = radius * (1.04 + 1.1 * random() ** 2);
      x = cx + distance * Math.cos(angle);
      y = cy + distance * Math.sin(angle);
    }
    // Dead cells are granules rather than refracting rings.
    if (random() < 0.25 + 0.5 * damage) addGranule(canvas, x, y, size * 0.8, 0.2 + 0.45 * random());
    else addCell(canvas, x, y, size, 0.2 + 0.4 * random());
  }
}

function addSatellites(canvas: Density, { cx, cy, radius, cell }: Shape, density: number, random: Random): void {
  const count = 1 + Math.floor(2.5 * random());
  for (let i = 0; i < count; i += 1) {
    const angle = 2 * Math.PI * random();
    const distance = radius * (1.35 + 0.9 * random());
    const size = radius * (0.1 + 0.14 * random());
    for (let k = 0; k < 14; k += 1) {
      const x = cx + distance * Math.cos(angle) + 0.5 * size * normal(random);
      const y = cy + distance * Math.sin(angle) + 0.5 * size * normal(random);
      addGranule(canvas, x, y, cell, 0.3 * Math.min(1.2, density));
      if (k % 2 === 0) addCell(canvas, x, y, 0.8 * cell, 0.15 + 0.2 * random());
    }
  }
}
