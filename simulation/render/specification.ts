/** What to draw. */
import type { Mechanism } from '../profiles/mechanisms.ts';
import type { PrecipitateForm } from '../profiles/precipitate.ts';

/** Things that go wrong on a real plate. */
export type Artefact = 'empty-well' | 'out-of-focus' | 'fibre' | 'scale-bar';

/** Compound that fell out of solution. */
export interface Precipitate {
  form: PrecipitateForm;
  /** 0 = none, 1 = as much as the form's profile has. */
  amount: number;
}

/** Decadic absorbances at the light of the microscope, at a fixed exposure. */
export interface Colour {
  /** Of the medium, over the whole field. */
  medium: number;
  /** Of what the cells took up, through the middle of the spheroid. */
  spheroid: number;
}

export interface WellSpecification {
  mechanism: Mechanism;
  /** 1 = as alive as untreated, 0 = dead; slightly above 1 happens. */
  viability: number;
  seed: number;
  /** Side of the square frame, pixels. */
  side: number;
  artefact?: Artefact;
  /** What can be taken for death; the rest of the picture is the same to the bit without it, but for noise that less light has less of. */
  precipitate?: Precipitate;
  colour?: Colour;
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
