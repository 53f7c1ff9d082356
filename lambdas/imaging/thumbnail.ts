/** A small copy of the whole frame by block means: quality needs neither the resolution nor the noise of the original. */

export interface Thumbnail {
  values: Float32Array;
  width: number;
  height: number;
}

const LONGEST_SIDE = 256;

export function thumbnailOf(pixels: Uint8Array, width: number, height: number): Thumbnail {
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST_SIDE));
  const w = Math.floor(width / factor);
  const h = Math.floor(height / factor);
  const values = new Float32Array(w * h);
  for (let y = 0; y < h * factor; y += 1) {
    const row = Math.floor(y / factor) * w;
    for (let x = 0, cell = 0, left = factor; x < w * factor; x += 1) {
      values[row + cell] = (values[row + cell] ?? 0) + (pixels[y * width + x] ?? 0);
      left -= 1;
      if (left === 0) {
        left = factor;
        cell += 1;
      }
    }
  }
  for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / (factor * factor);
  return { values, width: w, height: h };
}
