/** A canvas of optical density: light that comes through a pixel is exp(−density). */

export interface Density {
  side: number;
  values: Float32Array;
}

export const emptyDensity = (side: number): Density => ({ side, values: new Float32Array(side * side) });

/** Draws pixels `from` to `to` of the canvas, a row that begins at column `x` and lies `dy` below the point. */
export type DrawRow = (values: Float32Array, from: number, to: number, x: number, dy: number) => void;

/** Calls `draw` for each row of a square around a point: row by row, because a call a pixel costs more than the pixel. */
export function drawWithin({ side, values }: Density, cx: number, cy: number, radius: number, draw: DrawRow): void {
  const x0 = Math.max(0, Math.floor(cx - radius));
  const x1 = Math.min(side - 1, Math.ceil(cx + radius));
  const y0 = Math.max(0, Math.floor(cy - radius));
  const y1 = Math.min(side - 1, Math.ceil(cy + radius));
  for (let y = y0; y <= y1; y += 1) draw(values, y * side + x0, y * side + x1, x0, y - cy);
}

/** A single cell: a dark refracting ring around a brighter middle. */
export function addCell(canvas: Density, cx: number, cy: number, radius: number, strength: number): void {
  drawWithin(canvas, cx, cy, radius * 1.7, (values, from, to, x0, dy) => {
    for (let i = from, x = x0; i <= to; i += 1, x += 1) {
      const dx = x - cx;
      const q = Math.sqrt(dx * dx + dy * dy) / radius;
      const ring = (q - 0.8) / 0.32;
      const core = q / 0.5;
      values[i] = (values[i] ?? 0) + strength * (Math.exp(-ring * ring) - 0.45 * Math.exp(-core * core));
    }
  });
}

/** A granule of dead matter: a dark soft dot. */
export function addGranule(canvas: Density, cx: number, cy: number, radius: number, strength: number): void {
  drawWithin(canvas, cx, cy, radius * 2, (values, from, to, x0, dy) => {
    for (let i = from, x = x0; i <= to; i += 1, x += 1) {
      const dx = x - cx;
      values[i] = (values[i] ?? 0) + strength * Math.exp((-1.6 * (dx * dx + dy * dy)) / (radius * radius));
    }
  });
}

/** Light that comes through, 0 to 1, in place of the densities (Beer-Lambert); the canvas must not be used again. */
export function transmission({ values }: Density): Float32Array {
  for (let i = 0; i < values.length; i += 1) {
    const density = values[i] ?? 0;
    values[i] = density === 0 ? 1 : Math.exp(-density);
  }
  return values;
}
