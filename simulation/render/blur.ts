/** Focus blur: three box passes each way, close to a Gaussian and independent of its width in cost. */

/** Blurs a square picture in place; below half a pixel it is left as it is. */
export function gaussianBlur(values: Float32Array, side: number, sigma: number): void {
  const half = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2);
  if (half < 1) return;
  const between = new Float32Array(values.length);
  for (let pass = 0; pass < 3; pass += 1) {
    alongRows(values, between, side, half);
    acrossRows(between, values, side, half);
  }
}

function alongRows(from: Float32Array, to: Float32Array, side: number, half: number): void {
  const weight = 1 / (2 * half + 1);
  const last = side - 1;
  for (let y = 0; y < side; y += 1) {
    const row = y * side;
    let sum = 0;
    for (let i = -half; i <= half; i += 1) sum += from[row + Math.min(last, Math.max(0, i))] ?? 0;
    for (let x = 0; x < side; x += 1) {
      to[row + x] = sum * weight;
      sum += (from[row + Math.min(last, x + half + 1)] ?? 0) - (from[row + Math.max(0, x - half)] ?? 0);
    }
  }
}

/** Keeps one sum a column and walks down the rows: memory is read in order, which a walk down each column would not do. */
function acrossRows(from: Float32Array, to: Float32Array, side: number, half: number): void {
  const weight = 1 / (2 * half + 1);
  const last = side - 1;
  const sums = new Float32Array(side);
  for (let i = -half; i <= half; i += 1) {
    const row = Math.min(last, Math.max(0, i)) * side;
    for (let x = 0; x < side; x += 1) sums[x] = (sums[x] ?? 0) + (from[row + x] ?? 0);
  }
  for (let y = 0; y < side; y += 1) {
    const enter = Math.min(last, y + half + 1) * side;
    const leave = Math.max(0, y - half) * side;
    for (let x = 0; x < side; x += 1) {
      const sum = sums[x] ?? 0;
      to[y * side + x] = sum * weight;
      sums[x] = sum + (from[enter + x] ?? 0) - (from[leave + x] ?? 0);
    }
  }
}
