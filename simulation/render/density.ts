/** A canvas of optical density: light that comes through a pixel is exp(−density). */

export interface Density {
  side: number;
  values: Float32Array;
}

export const emptyDensity = (side: number): Density => ({ side, values: new Float32Array(side * side) });

/** Calls `density(x, y)` for the pixels of a square around a point and adds what it returns. */
export function addWithin(
  canvas: Density,
  cx: number,
  cy: number,
  radius: number,
  density: (dx: number, dy: number) => number,
): void {
  const { side, values } = canvas;
  const x0 = Math.max(0, Math.floor(cx - radius));
  const x1 = Math.min(side - 1, Math.ceil(cx + radius));
  const y0 = Math.max(0, Math.floor(cy - radius));
  const y1 = Math.min(side - 1, Math.ceil(cy + radius));
  for (let y = y0; y <= y1; y += 1) {
    for (let x = x0; x <= x1; x += 1) {
      const i = y * side + x;
      values[i] = (values[i] ?? 0) + density(x - cx, y - cy);
    }
  }
}

/** A single cell: a dark refracting ring around a brighter middle. */
export function addCell(canvas: Density, cx: number, cy: number, radius: number, strength: number): void {
  addWithin(canvas, cx, cy, radius * 1.7, (dx, dy) => {
    const q = Math.sqrt(dx * dx + dy * dy) / radius;
    const ring = (q - 0.8) / 0.32;
    const core = q / 0.5;
    return strength * (Math.exp(-ring * ring) - 0.45 * Math.exp(-core * core));
  });
}

/** A granule of dead matter: a dark soft dot. */
export function addGranule(canvas: Density, cx: number, cy: number, radius: number, strength: number): void {
  addWithin(
    canvas,
    cx,
    cy,
    radius * 2,
    (dx, dy) => strength * Math.exp((-1.6 * (dx * dx + dy * dy)) / (radius * radius)),
  );
}

/** Light that comes through, 0 to 1, in place of the densities (Beer-Lambert); the canvas must not be used again. */
export function transmission({ values }: Density): Float32Array {
  for (let i = 0; i < values.length; i += 1) {
    const density = values[i] ?? 0;
    values[i] = density === 0 ? 1 : Math.exp(-density);
  }
  return values;
}
