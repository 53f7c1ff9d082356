/** The empty field under a spheroid: a quadratic surface, fitted on pixels that look like background; three rounds. */
import type { Thumbnail } from './thumbnail.ts';

/** How far from the current guess a pixel may lie to count as background, as a fraction of the level; tighter each round. */
const TOLERANCES = [0.35, 0.18, 0.1];
const STEP = 5;
const TERMS = 6;
/** The terms and the value that they are to give. */
const COLUMNS = TERMS + 1;
const MIN_PIXELS = 200;

export type Background = (x: number, y: number) => number;

/** @param level a first guess: the median gray */
export function fitBackground({ values, width, height }: Thumbnail, level: number): Background {
  let surface: Background = () => level;
  const terms = new Float64Array(COLUMNS);
  for (const tolerance of TOLERANCES) {
    const sums = new Float64Array(TERMS * COLUMNS);
    let count = 0;
    for (let y = 0; y < height; y += STEP) {
      for (let x = 0; x < width; x += STEP) {
        const value = values[y * width + x] ?? 0;
        if (Math.abs(value - surface(x, y)) > tolerance * level) continue;
        const u = x / width - 0.5;
        const v = y / height - 0.5;
        terms[0] = 1;
        terms[1] = u;
        terms[2] = v;
        terms[3] = u * u;
        terms[4] = v * v;
        terms[5] = u * v;
        terms[TERMS] = value;
        accumulate(sums, terms);
        count += 1;
      }
    }
    const solved = count < MIN_PIXELS ? undefined : solve(rowsOf(sums));
    if (!solved) break;
    surface = surfaceOf(solved, width, height);
  }
  return surface;
}

function surfaceOf(weights: readonly number[], width: number, height: number): Background {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = weights;
  return (x, y) => {
    const u = x / width - 0.5;
    const v = y / height - 0.5;
    return Math.max(1, a + u * (b + d * u + f * v) + v * (c + e * v));
  };
}

/** The normal equations row by row: each term times all terms, and times the value. */
function accumulate(sums: Float64Array, terms: Float64Array): void {
  for (let i = 0, at = 0; i < TERMS; i += 1) {
    const factor = terms[i] ?? 0;
    for (let j = 0; j < COLUMNS; j += 1, at += 1) sums[at] = (sums[at] ?? 0) + factor * (terms[j] ?? 0);
  }
}

const rowsOf = (sums: Float64Array): number[][] =>
  Array.from({ length: TERMS }, (_, i) => [...sums.subarray(i * COLUMNS, (i + 1) * COLUMNS)]);

/** Gauss-Jordan on the normal equations; undefined when they are singular. */
function solve(matrix: number[][]): number[] | undefined {
  for (let column = 0; column < TERMS; column += 1) {
    const rest = matrix.slice(column);
    const pivot = rest.reduce((best, row) => (Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best));
    const head = pivot[column] ?? 0;
    if (Math.abs(head) < 1e-9) return undefined;
    matrix[matrix.indexOf(pivot)] = matrix[column] ?? pivot;
    matrix[column] = pivot.map((value) => value / head);
    const scaled = matrix[column] ?? [];
    for (const [i, row] of matrix.entries()) {
      const factor = row[column] ?? 0;
      if (i !== column && factor !== 0) matrix[i] = row.map((value, j) => value - factor * (scaled[j] ?? 0));
    }
  }
  return matrix.map((row) => row[TERMS] ?? 0);
}
