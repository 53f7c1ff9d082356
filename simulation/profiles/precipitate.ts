/** What undissolved compound looks like, by its form. Lengths are fractions of the frame's side (0.01 is about 14 µm at 10 ×). */
import type { Range } from '../random.ts';

export interface PrecipitateProfile {
  /** Particles at the full amount. */
  most: number;
  /** Length of a needle or a crystal, radius of a speck. */
  size: Range;
  /** Breadth over length. */
  slenderness: Range;
  /** Optical density of an edge, or of a speck's middle. */
  opticalDensity: Range;
  /** Particles that grow from one nucleus, at most. */
  bundle: number;
  /** Distance between particles of one nucleus, in their sizes: 0 = needles of a sheaf. */
  apart: number;
}

export const PRECIPITATES = {
  /** Sheaves of fine refracting needles. */
  needles: {
    most: 400,
    size: [0.03, 0.11],
    slenderness: [0.02, 0.045],
    opticalDensity: [0.5, 1.4],
    bundle: 7,
    apart: 0,
  },
  /** Refracting plates with dark outlines. */
  crystals: {
    most: 240,
    size: [0.012, 0.04],
    slenderness: [0.35, 0.9],
    opticalDensity: [0.4, 1],
    bundle: 4,
    apart: 0.9,
  },
  /** Dark specks that clump, as a compound that oils out or falls out without a shape. */
  amorphous: {
    most: 2400,
    size: [0.0015, 0.005],
    slenderness: [1, 1],
    opticalDensity: [0.3, 0.8],
    bundle: 30,
    apart: 1.6,
  },
} as const satisfies Record<string, PrecipitateProfile>;

export type PrecipitateForm = keyof typeof PRECIPITATES;

/** It settles to the lowest point of a round-bottomed well: most of it around the middle, the rest anywhere. */
export const SETTLING = { aroundTheMiddle: 0.75, spread: 0.17 } as const;

/** Blur of the plane it lies in, besides that of the picture: with the spheroid's middle in focus, the bottom may be out of it. */
export const DEFOCUS: Range = [0, 0.006];
