/** A small copy of the whole frame by block means: quality needs neither the resolution nor the noise of the original. */

export interface Thumbnail {
  values: Float32Array;
  width: number;
  height: number;
}

const LONGEST_SIDE = 256;

/** The sum of that many gray values fits a lane of 16 bits. */
const ROWS_AT_ONCE = 256;

export function thumbnailOf(pixels: Uint8Array, width: number, height: number): Thumbnail {
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST_SIDE));
  const w = Math.floor(width / factor);
  const h = Math.floor(height / factor);
  const values = new Float32Array(w * h);
  const scale = 1 / (factor * factor);
  const columns = new Uint16Array(width);
  const blocks = new Float64Array(w);
  for (let y = 0; y < h; y += 1) {
    const end = (y + 1) * factor;
    blocks.fill(0);
    for (let row = y * factor; row < end; row += ROWS_AT_ONCE) {
      sumRows(pixels, row * width, Math.min(ROWS_AT_ONCE, end - row), columns);
      for (let x = 0, from = 0; x < w; x += 1) {
        const to = from + factor;
        let sum = 0;
        for (; from < to; from += 1) sum += columns[from] ?? 0;
        blocks[x] = (blocks[x] ?? 0) + sum;
      }
    }
    for (let x = 0; x < w; x += 1) values[y * w + x] = (blocks[x] ?? 0) * scale;
  }
  return { values, width: w, height: h };
}

/** Every other pixel of four, in two lanes of 16 bits. */
const LANES = 0x00ff00ff;

/** Sums rows of pixels by their columns, eight columns at a time. */
function sumRows(pixels: Uint8Array, start: number, rows: number, columns: Uint16Array): void {
  const width = columns.length;
  const words = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const whole = width - (width % 8);
  const end = start + rows * width;
  for (let x = 0; x < whole; x += 8) {
    let even0 = 0;
    let odd0 = 0;
    let even4 = 0;
    let odd4 = 0;
    for (let i = start + x; i < end; i += width) {
      const word0 = words.getUint32(i, true);
      const word4 = words.getUint32(i + 4, true);
      even0 = (even0 + (word0 & LANES)) | 0;
      odd0 = (odd0 + ((word0 >>> 8) & LANES)) | 0;
      even4 = (even4 + (word4 & LANES)) | 0;
      odd4 = (odd4 + ((word4 >>> 8) & LANES)) | 0;
    }
    spread(columns, x, even0, odd0);
    spread(columns, x + 4, even4, odd4);
  }
  for (let x = whole; x < width; x += 1) {
    let sum = 0;
    for (let i = start + x; i < end; i += width) sum += pixels[i] ?? 0;
    columns[x] = sum;
  }
}

function spread(columns: Uint16Array, x: number, even: number, odd: number): void {
  columns[x] = even;
  columns[x + 1] = odd;
  columns[x + 2] = even >>> 16;
  columns[x + 3] = odd >>> 16;
}
