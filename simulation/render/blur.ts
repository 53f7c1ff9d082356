/** Focus blur: three box passes each way, close to a Gaussian and independent of its width in cost. */

/** Blurs a square picture in place; below half a pixel it is left as it is. */
export function gaussianBlur(values: Float32Array, side: number, sigma: number): void {
  const half = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2);
  if (half < 1) return;
  const window = new Float32Array(Math.min(side, 2 * half + 2) * side);
  for (let pass = 0; pass < 3; pass += 1) boxBlur(values, window, side, half);
}

/**
 * Walks down the rows with one sum a column: memory is read in order, which a walk down each column would not do. Only
 * the rows that the sums hold are kept blurred along themselves: they stay in the cache, which a frame does not.
 */
function boxBlur(values: Float32Array, window: Float32Array, side: number, half: number): void {
  const weight = 1 / (2 * half + 1);
  const last = side - 1;
  const kept = window.length / side;
  const sums = new Float32Array(side);
  for (let y = 0; y <= Math.min(last, half); y += 1) alongRow(values, y * side, window, (y % kept) * side, side, half);
  for (let i = -half; i <= half; i += 1) {
    const row = (Math.min(last, Math.max(0, i)) % kept) * side;
    for (let x = 0; x < side; x += 1) sums[x] = (sums[x] ?? 0) + (window[row + x] ?? 0);
  }
  for (let y = 0; y < side; y += 1) {
    const entering = Math.min(last, y + half + 1);
    const enter = (entering % kept) * side;
    if (entering > y + half) alongRow(values, entering * side, window, enter, side, half);
    const leave = (Math.max(0, y - half) % kept) * side;
    const row = y * side;
    for (let x = 0; x < side; x += 1) {
      const sum = sums[x] ?? 0;
      values[row + x] = sum * weight;
      sums[x] = sum + (window[enter + x] ?? 0) - (window[leave + x] ?? 0);
    }
  }
}

function alongRow(from: Float32Array, row: number, to: Float32Array, at: number, side: number, half: number): void {
  const weight = 1 / (2 * half + 1);
  const last = side - 1;
  let sum = 0;
  for (let i = -half; i <= half; i += 1) sum += from[row + Math.min(last, Math.max(0, i))] ?? 0;
  for (let x = 0; x < side; x += 1) {
    to[at + x] = sum * weight;
    const enter = x + half < last ? x + half + 1 : last;
    const leave = x > half ? x - half : 0;
    sum += (from[row + enter] ?? 0) - (from[row + leave] ?? 0);
  }
}
