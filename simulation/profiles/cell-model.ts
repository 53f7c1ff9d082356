/** What a spheroid of a cell model looks like, and how it changes as it dies. Lengths are fractions of the frame's side. */
import type { Range } from '../random.ts';

export interface CellModelProfile {
  name: string;
  donor: string;
  mode: 'opaque' | 'translucent' | 'intermediate';
  diameter: Range;
  /** Optical density through the middle. */
  opticalDensity: Range;
  /** Extra optical density of the refracting rim. */
  rim: Range;
  /** Radius of a single cell, as a fraction of the spheroid's radius. */
  cellRadius: Range;
  /** Relative change of the diameter from alive to dead: shrinks (−) or swells (+). */
  sizeChange: Range;
  /** Relative change of the optical density from alive to dead: either sign. */
  densityChange: Range;
  /** Contrast of the living mass's own texture. */
  granularity: Range;
  /** Single cells and dust around the spheroid that say nothing about viability. */
  looseCells: Range;
  /** How lobed and satellite-rich a healthy one is, 0 to 1. */
  lobes: number;
  /** Standard deviation of the distance from the frame's centre. */
  offCentre: number;
}
