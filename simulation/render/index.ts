/** Draws one well. The same specification always gives the same pixels. */
import { normal, seededRandom, uniform } from '../random.ts';
import { gaussianBlur } from './blur.ts';
import { emptyDensity, transmission } from './density.ts';
import { applyField, drawField } from './illumination.ts';
import { precipitateLayer } from './precipitate.ts';
import { expose } from './sensor.ts';
import type { Frame, WellSpecification } from './specification.ts';
import { addSpheroid } from './spheroid.ts';
import { addDust, addFibre, addScaleBar } from './surroundings.ts';

export type { Artefact, Colour, Frame, Precipitate, WellSpecification } from './specification.ts';

/** Blur of a picture taken far from focus, as a fraction of the frame. */
const OUT_OF_FOCUS = 0.03;

/** Spread of the focus from well to well, as a fraction of the frame: no autofocus finds the equator of every spheroid. */
const FOCUS_SPREAD = 0.0025;

/** Chance of a fibre in any well. */
const FIBRE_CHANCE = 0.02;

export function renderWell(specification: WellSpecification): Frame {
  const { mechanism, viability, seed, side, artefact, precipitate, colour } = specification;
  const { microscope, cellModel } = mechanism;
  const random = seededRandom(seed);
  const shape = seededRandom((specification.spheroidSeed ?? seed) ^ 0x5bd1e995);

  // Before the spheroid, whose draws depend on its viability: the same seed means the same focus, alive or dead.
  const defocus = artefact === 'out-of-focus' ? OUT_OF_FOCUS : FOCUS_SPREAD * normal(random);
  const blur = Math.hypot(uniform(random, microscope.blur), defocus);

  const canvas = emptyDensity(side);
  if (artefact !== 'empty-well')
    addSpheroid(canvas, cellModel, viability, shape, random, Math.LN10 * (colour?.spheroid ?? 0));
  addDust(canvas, Math.round(0.7 * uniform(random, cellModel.looseCells)), random);
  if (artefact === 'fibre' || random() < FIBRE_CHANCE) addFibre(canvas, random);
  if (artefact === 'scale-bar') addScaleBar(canvas);

  const light = transmission(canvas);
  gaussianBlur(light, side, blur * side);
  // By chance of its own: the picture under it stays what it is without.
  if (precipitate) multiply(light, precipitateLayer(precipitate, side, blur * side, seededRandom(seed ^ 0x2545f491)));
  if (colour) dim(light, 10 ** -colour.medium);
  applyField(light, side, drawField(microscope, side, random));
  const noise = uniform(random, microscope.noise);
  const background = (microscope.background[0] + microscope.background[1]) / 2;
  return { pixels: expose(light, microscope.bitDepth, noise, background, random), side, bitDepth: microscope.bitDepth };
}

function multiply(light: Float32Array, layer: Float32Array): void {
  for (let i = 0; i < light.length; i += 1) light[i] = (light[i] ?? 0) * (layer[i] ?? 1);
}

function dim(light: Float32Array, share: number): void {
  for (let i = 0; i < light.length; i += 1) light[i] = (light[i] ?? 0) * share;
}
