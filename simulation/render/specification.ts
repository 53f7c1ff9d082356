/** What to draw. */
import type { Mechanism } from '../profiles/mechanisms.ts';

/** Things that go wrong on a real plate. */
export type Artefact = 'empty-well' | 'out-of-focus' | 'fibre' | 'scale-bar';

export interface WellSpecification {
  mechanism: Mechanism;
  /** 1 = as alive as untreated, 0 = dead; slightly above 1 happens. */
  viability: number;
  seed: number;
  /** Side of the square frame, pixels. */
  side: number;
  artefact?: Artefact;
  /**
   * Chooses what stays the same when a well is imaged again on another day (size, place, lobes); defaults to the seed.
   */
  spheroidSeed?: number;
}

export interface Frame {
  /** Row by row, values 0 to 2^bitDepth − 1. */
  pixels: Uint16Array;
  side: number;
  bitDepth: number;
}
