/** Runs of equal pixels along the rows of a mask, and which of them hang together: what a flood fill finds, from one pass in memory's order. */

export interface Runs {
  /** Index of each run's first pixel, and of the pixel after its last; a run stays within its row. */
  starts: readonly number[];
  ends: readonly number[];
  /** The first run of those that hang together with this one by touching at an edge of a pixel. */
  groups: readonly number[];
}

/** @param value of the pixels that are sought */
export function runsOf(mask: Uint8Array, width: number, height: number, value: 0 | 1): Runs {
  const starts: number[] = [];
  const ends: number[] = [];
  const groups: number[] = [];
  // The runs of the row above that may still touch the next run.
  let above = 0;
  for (let y = 0; y < height; y += 1) {
    const rowStart = y * width;
    const rowEnd = rowStart + width;
    const firstOfRow = starts.length;
    for (let i = rowStart; i < rowEnd; i += 1) {
      if (mask[i] !== value) continue;
      const start = i;
      while (i < rowEnd && mask[i] === value) i += 1;
      const run = starts.length;
      starts.push(start);
      ends.push(i);
      groups.push(run);
      while (above < firstOfRow && (ends[above] ?? 0) + width <= start) above += 1;
      for (let other = above; other < firstOfRow && (starts[other] ?? 0) + width < i; other += 1)
        join(groups, run, other);
    }
    above = firstOfRow;
  }
  for (let run = 0; run < groups.length; run += 1) groups[run] = groups[groups[run] ?? run] ?? run;
  return { starts, ends, groups };
}

/** The earlier of the two first runs becomes that of both. */
function join(groups: number[], a: number, b: number): void {
  const [first, second] = [firstOf(groups, a), firstOf(groups, b)];
  if (first < second) groups[second] = first;
  else groups[first] = second;
}

function firstOf(groups: number[], run: number): number {
  let at = run;
  for (let next = groups[at] ?? at; next !== at; next = groups[at] ?? at) {
    // Halves the way for the next who asks.
    groups[at] = groups[next] ?? next;
    at = next;
  }
  return at;
}
