/**
 * The paper's geometry: the centred square, then OpenCV's INTER_LINEAR_EXACT to 256 × 256. Bit-exact with OpenCV 4 on
 * 8-bit gray, so that weights trained by the paper's recipe elsewhere are valid here.
 */

/** Side of the model's input, pixels. */
export const INPUT_SIDE = 256;

/** OpenCV's ufixedpoint16 for 8-bit pixels: 8 integer bits, 8 fractional bits. */
const ONE = 256;

/**
 * Resizes the centred square of an 8-bit gray image to 256 × 256.
 *
 * @param pixels row by row, `width * height` values
 * @returns 65,536 values, row by row
 */
export function resizeCentredSquare(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const side = Math.min(width, height);
  const origin = Math.floor((height - side) / 2) * width + Math.floor((width - side) / 2);
  const taps = linearTaps(side, INPUT_SIDE);
  const rows = new ResizedRows(pixels, width, origin, taps);
  const output = new Uint8Array(INPUT_SIDE * INPUT_SIDE);
  for (let y = 0; y < INPUT_SIDE; y += 1) {
    const upper = rows.row(taps.first[y] ?? 0);
    const lower = rows.row(taps.second[y] ?? 0);
    const weight = taps.weight[y] ?? 0;
    for (let x = 0; x < INPUT_SIDE; x += 1) {
      // 8.8 × 0.8 fixed point gives 16 fractional bits; rounding is half up on non-negative values.
      const sum = (upper[x] ?? 0) * (ONE - weight) + (lower[x] ?? 0) * weight;
      output[y * INPUT_SIDE + x] = (sum + 0x8000) >> 16;
    }
  }
  return output;
}

/** Where each destination pixel reads: two neighbours, and the weight of the second in 1/256. */
interface Taps {
  first: Int32Array;
  second: Int32Array;
  weight: Int32Array;
}

/** As OpenCV computes them: scale 1/(d/s), weights rounded half to even. */
function linearTaps(source: number, destination: number): Taps {
  const scale = 1 / (destination / source);
  const taps: Taps = {
    first: new Int32Array(destination),
    second: new Int32Array(destination),
    weight: new Int32Array(destination),
  };
  for (let d = 0; d < destination; d += 1) {
    const position = (d + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    const inside = floor >= 0 && floor < source - 1;
    taps.first[d] = Math.min(source - 1, Math.max(0, floor));
    taps.second[d] = inside ? floor + 1 : Math.min(source - 1, Math.max(0, floor));
    taps.weight[d] = inside ? roundHalfToEven((position - floor) * ONE) : 0;
  }
  return taps;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Horizontally resized source rows. A row is needed by one destination row or by two that follow each other. */
class ResizedRows {
  private readonly known: { index: number; row: Uint16Array }[] = [
    { index: -1, row: new Uint16Array(INPUT_SIDE) },
    { index: -1, row: new Uint16Array(INPUT_SIDE) },
  ];
  private next = 0;

  constructor(
    private readonly pixels: Uint8Array,
    private readonly width: number,
    private readonly origin: number,
    private readonly taps: Taps,
  ) {}

  row(index: number): Uint16Array {
    const found = this.known.find((slot) => slot.index === index);
    if (found) return found.row;
    const slot = this.known[this.next];
    if (!slot) throw new RangeError('two rows are kept');
    this.next = 1 - this.next;
    slot.index = index;
    this.resize(index, slot.row);
    return slot.row;
  }

  private resize(index: number, row: Uint16Array): void {
    const { first, second, weight } = this.taps;
    const start = this.origin + index * this.width;
    for (let x = 0; x < INPUT_SIDE; x += 1) {
      const w = weight[x] ?? 0;
      row[x] =
        (this.pixels[start + (first[x] ?? 0)] ?? 0) * (ONE - w) + (this.pixels[start + (second[x] ?? 0)] ?? 0) * w;
    }
  }
}
