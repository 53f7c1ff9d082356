/** What else lies in a well: dust, fibres, and what software burns into the picture. */
import { normal, type Random } from '../random.ts';
import { addCell, addGranule, type Density, drawWithin } from './density.ts';

/** Dust and single cells anywhere in the well, unrelated to viability. */
export function addDust(canvas: Density, count: number, random: Random): void {
  for (let i = 0; i < count; i += 1) {
    const radius = canvas.side * (0.003 + 0.006 * random());
    const add = random() < 0.5 ? addCell : addGranule;
    add(canvas, canvas.side * random(), canvas.side * random(), radius, 0.1 + 0.3 * random());
  }
}

/** One long curved fibre. */
export function addFibre(canvas: Density, random: Random): void {
  const step = canvas.side * 0.003;
  const width = canvas.side * (0.002 + 0.003 * random());
  const strength = 0.15 + 0.3 * random();
  let x = canvas.side * random();
  let y = canvas.side * random();
  let heading = 2 * Math.PI * random();
  const pieces = 60 + Math.floor(140 * random());
  for (let i = 0; i < pieces; i += 1) {
    heading += 0.06 * normal(random);
    x += step * Math.cos(heading);
    y += step * Math.sin(heading);
    addGranule(canvas, x, y, width, strength);
  }
}

/** A burnt-in scale bar in the lower right corner: opaque, as software draws it. */
export function addScaleBar(canvas: Density): void {
  const { side } = canvas;
  const half = 0.08 * side;
  drawWithin(canvas, 0.88 * side, 0.95 * side, half, (values, from, to, _x, dy) => {
    if (Math.abs(dy) >= 0.004 * side) return;
    for (let i = from; i <= to; i += 1) values[i] = (values[i] ?? 0) + 6;
  });
}
