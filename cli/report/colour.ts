/** Colours of the report. Sequential ramps are perceptually ordered and readable by colour-blind eyes (viridis, Smith & van der Walt 2015). */

const VIRIDIS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

/** Colour at a fraction of the ramp; outside 0-1 it is clamped. */
export function ramp(fraction: number): string {
  const position = Math.min(1, Math.max(0, fraction)) * (VIRIDIS.length - 1);
  const index = Math.min(VIRIDIS.length - 2, Math.floor(position));
  const from = VIRIDIS[index] ?? [0, 0, 0];
  const to = VIRIDIS[index + 1] ?? from;
  const mix = from.map((c, i) => Math.round(c + ((to[i] ?? c) - c) * (position - index)));
  return `rgb(${mix.join(',')})`;
}

/** Viability 0 (dark) to 1.2 (bright): dead wells are dark holes in a bright plate. */
export const viabilityColour = (viability: number): string => ramp(viability / 1.2);

/** The i-th of n imaging days, early days pale, the last day dark. */
export function dayColour(index: number, count: number): string {
  const palette = ['#a8c5da', '#5b9ac4', '#2a6f9e', '#123f63'];
  const step = count <= 1 ? palette.length - 1 : Math.round((index / (count - 1)) * (palette.length - 1));
  return palette[step] ?? '#123f63';
}

const VERDICT_COLOURS: readonly (readonly [prefix: string, colour: string])[] = [
  ['strong signal', '#b3261e'],
  ['signal', '#d9730d'],
  ['weak signal', '#a98307'],
  ['no loss', '#3d6f8e'],
  ['unknown', '#77767b'],
];

/** There is no green: no verdict says that a drug is harmless. */
export const verdictColour = (label: string): string =>
  VERDICT_COLOURS.find(([prefix]) => label.startsWith(prefix))?.[1] ?? '#77767b';
