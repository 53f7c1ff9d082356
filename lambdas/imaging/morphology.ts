/** What is done to a mask before its regions count: gaps joined, holes filled, thin bridges cut. */
import { type Runs, runsOf } from './runs.ts';

/** Dilation by one pixel, of what lies two pixels or more from the frame: joins a rim that noise has broken. */
export function closed({ starts, ends }: Runs, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  for (let run = 0; run < starts.length; run += 1) {
    const start = starts[run] ?? 0;
    const y = Math.floor(start / width);
    if (y < 2 || y >= height - 2) continue;
    const from = Math.max(start, y * width + 2) - 1;
    const to = Math.min(ends[run] ?? 0, (y + 1) * width - 2) + 1;
    if (to - from < 3) continue;
    out.fill(1, from - width, to - width);
    out.fill(1, from, to);
    out.fill(1, from + width, to + width);
  }
  return out;
}

/** Holes are part of the spheroid: everything that the background does not reach from the frame. */
export function filled(mask: Uint8Array, width: number, height: number): Uint8Array {
  const { starts, ends, groups } = runsOf(mask, width, height, 0);
  const reached = new Uint8Array(groups.length);
  for (const [run, group] of groups.entries()) {
    const start = starts[run] ?? 0;
    const end = ends[run] ?? 0;
    const atFrame = start < width || end > width * (height - 1) || start % width === 0 || end % width === 0;
    if (atFrame) reached[group] = 1;
  }
  const inside = new Uint8Array(mask.length).fill(1);
  for (const [run, group] of groups.entries()) if (reached[group] === 1) inside.fill(0, starts[run], ends[run]);
  return inside;
}

/** Half of the side of the square that must be solid, pixels, and how much of it. */
const HALF = 3;
const SOLID = 0.8 * (2 * HALF + 1) ** 2;

/** Keeps what is solid over 7 × 7 pixels: shed cells and fibres hang on to a spheroid by thin bridges. */
export function solid(mask: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(mask.length);
  // Pixels of each column in the seven rows around the current one.
  const columns = new Uint8Array(width);
  // Outside of these rows there is nothing.
  const top = Math.max(0, Math.floor(mask.indexOf(1) / width));
  const bottom = Math.floor(mask.lastIndexOf(1) / width);
  for (let y = top; y < Math.min(height, bottom + HALF + 1); y += 1) {
    const entering = y * width;
    const leaving = entering - (2 * HALF + 1) * width;
    for (let x = 0; x < width; x += 1)
      columns[x] = (columns[x] ?? 0) + (mask[entering + x] ?? 0) - (leaving < 0 ? 0 : (mask[leaving + x] ?? 0));
    if (y < 2 * HALF) continue;
    const row = entering - HALF * width;
    let inside = 0;
    for (let x = 0; x < 2 * HALF; x += 1) inside += columns[x] ?? 0;
    for (let x = HALF; x < width - HALF; x += 1) {
      inside += columns[x + HALF] ?? 0;
      if (inside >= SOLID) out[row + x] = mask[row + x] ?? 0;
      inside -= columns[x - HALF] ?? 0;
    }
  }
  return out;
}
