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
  const scale = 1 / (factor * factor);
  const words = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const quads = factor - (factor % 4);
  for (let y = 0; y < h; y += 1) {
    for (let x = 0; x < w; x += 1) {
      let sum = 0;
      for (let dy = 0; dy < factor; dy += 1) {
        const start = (y * factor + dy) * width + x * factor;
        // Four pixels at a time, in two lanes of 16 bits.
        let lanes = 0;
        for (let i = start; i < start + quads; i += 4) {
          const word = words.getUint32(i, true);
          lanes += (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
        }
        sum += (lanes & 0xffff) + (lanes >>> 16);
        for (let i = start + quads; i < start + factor; i += 1) sum += pixels[i] ?? 0;
      }
      values[y * w + x] = sum * scale;
    }
  }
  return { values, width: w, height: h };
}
