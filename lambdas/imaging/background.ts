/** The empty field under a spheroid: a quadratic surface, fitted on pixels that look like background; three rounds. */
import type { Thumbnail } from './thumbnail.ts';

/** How far from the current guess a pixel may lie to count as background, as a fraction of the level; tighter each round. */
const TOLERANCES = [0.35, 0.18, 0.1];
const STEP = 5;
const TERMS = 6;
/** The terms and the value that they are to give. */
const COLUMNS = TERMS + 1;
const MIN_PIXELS = 200;

/** @param level a first guess: the median gray */
export function fitBackground({ values, width, height }: Thumbnail, level: number): Background {
  let surface = new Background([level], width, height);
  const terms = new Float64Array(COLUMNS);
  const levels = new Float64Array(Math.ceil(width / STEP));
  for (const tolerance of TOLERANCES) {
    const sums = new Float64Array(TERMS * COLUMNS);
    let count = 0;
    for (let y = 0; y < height; y += STEP) {
      surface.levelsOfRow(y, levels, STEP);
      const v = y / height - 0.5;
      for (let x = 0, at = 0; x < width; x += STEP, at += 1) {
        const value = values[y * width + x] ?? 0;
        if (Math.abs(value - (levels[at] ?? 0)) > tolerance * level) continue;
        const u = x / width - 0.5;
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
    surface = new Background(solved, width, height);
  }
  return surface;
}

/** A quadratic surface over the frame, nowhere below 1. */
export class Background {
  constructor(
    private readonly weights: readonly number[],
    private readonly width: number,
    private readonly height: number,
  ) {}

  /** Writes the gray levels of every `step`th pixel of a row, from its first. */
  levelsOfRow(y: number, levels: Float64Array, step = 1): void {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = this.weights;
    const v = y / this.height - 0.5;
    const [across, down] = [f * v, v * (c + e * v)];
    for (let x = 0, at = 0; x < this.width; x += step, at += 1) {
      const u = x / this.width - 0.5;
      levels[at] = Math.max(1, a + u * (b + d * u + across) + down);
    }
  }
}

/** The normal equations row by row: each term times all terms from itself on, and times the value. */
function accumulate(sums: Float64Array, terms: Float64Array): void {
  for (let i = 0; i < TERMS; i += 1) {
    const factor = terms[i] ?? 0;
    for (let j = i, at = i * (COLUMNS + 1); j < COLUMNS; j += 1, at += 1)
      sums[at] = (sums[at] ?? 0) + factor * (terms[j] ?? 0);
  }
}

/** The equations are symmetric: what was not summed stands across the diagonal. */
const rowsOf = (sums: Float64Array): number[][] =>
  Array.from({ length: TERMS }, (_, i) =>
    Array.from({ length: COLUMNS }, (_, j) => sums[Math.min(i, j) * COLUMNS + Math.max(i, j)] ?? 0),
  );

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
