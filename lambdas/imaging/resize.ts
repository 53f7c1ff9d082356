/**
 * The paper's geometry: the centred square, then OpenCV's INTER_LINEAR_EXACT to 256 × 256. Bit-exact with OpenCV 4 on
 * 8-bit gray, so that weights trained by the paper's recipe elsewhere are valid here.
 */

/** Side of the model's input, pixels. */
export const INPUT_SIDE = 256;

/** OpenCV's ufixedpoint16 for 8-bit pixels: 8 integer bits, 8 fractional bits. */
const ONE = 256;

/** Where a destination pixel reads: two neighbours and the weight of the second, in 1/256. */
interface Tap {
  first: number;
  second: number;
  weight: number;
}

/**
 * Resizes the centred square of an 8-bit gray image to 256 × 256.
 *
 * @param pixels row by row, `width * height` values
 * @returns 65,536 values, row by row
 */
export function resizeCentredSquare(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const side = Math.min(width, height);
  const left = Math.floor((width - side) / 2);
  const top = Math.floor((height - side) / 2);
  const taps = linearTaps(side, INPUT_SIDE);
  const output = new Uint8Array(INPUT_SIDE * INPUT_SIDE);
  const rows = new RowCache(pixels, width, left, top, taps);
  for (const [y, tap] of taps.entries()) {
    const upper = rows.row(tap.first);
    const lower = rows.row(tap.second);
    const weight = tap.weight;
    for (let x = 0; x < INPUT_SIDE; x += 1) {
      // 8.8 × 0.8 fixed point gives 16 fractional bits; rounding is half up on non-negative values.
      const sum = (upper[x] ?? 0) * (ONE - weight) + (lower[x] ?? 0) * weight;
      output[y * INPUT_SIDE + x] = (sum + 0x8000) >> 16;
    }
  }
  return output;
}

/** Source positions and fixed-point weights, as OpenCV computes them: scale 1/(d/s), weights rounded half to even. */
function linearTaps(source: number, destination: number): Tap[] {
  const scale = 1 / (destination / source);
  return Array.from({ length: destination }, (_, d) => {
    const position = (d + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    if (floor < 0) return { first: 0, second: 0, weight: 0 };
    if (floor >= source - 1) return { first: source - 1, second: source - 1, weight: 0 };
    return { first: floor, second: floor + 1, weight: roundHalfToEven((position - floor) * ONE) };
  });
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Horizontally resized source rows; each is needed by at most a few destination rows in a row. */
class RowCache {
  private readonly rows = new Map<number, Uint16Array>();

  constructor(
    private readonly pixels: Uint8Array,
    private readonly width: number,
    private readonly left: number,
    private readonly top: number,
    private readonly taps: readonly Tap[],
  ) {}

  row(index: number): Uint16Array {
    const known = this.rows.get(index);
    if (known) return known;
    if (this.rows.size > 4) this.rows.clear();
    const row = this.resize(index);
    this.rows.set(index, row);
    return row;
  }

  private resize(index: number): Uint16Array {
    const start = (this.top + index) * this.width + this.left;
    const row = new Uint16Array(INPUT_SIDE);
    for (const [x, { first, second, weight }] of this.taps.entries()) {
      row[x] = (this.pixels[start + first] ?? 0) * (ONE - weight) + (this.pixels[start + second] ?? 0) * weight;
    }
    return row;
  }
}
