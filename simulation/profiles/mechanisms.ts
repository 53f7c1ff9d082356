/**
 * The rendering mechanisms: pairs of a microscope and a cell model. The model trains on six and is judged on the
 * seventh, whose every numeric range lies outside all training ranges (a test holds that). Its ranges lie between
 * those of training rather than beyond them: it is a new mechanism, but not an extrapolation, and the model card says so.
 */
import type { CellModelProfile } from './cell-model.ts';
import type { MicroscopeProfile } from './microscope.ts';

export interface Mechanism {
  name: string;
  microscope: MicroscopeProfile;
  cellModel: CellModelProfile;
}

const opaqueDense = {
  mode: 'opaque',
  diameter: [0.23, 0.29],
  opticalDensity: [1.3, 2.1],
  rim: [0, 0.16],
  cellRadius: [0.075, 0.1],
  lobes: 1,
  offCentre: 0.06,
} as const;

const translucent = {
  mode: 'translucent',
  diameter: [0.36, 0.46],
  opticalDensity: [0.14, 0.34],
  rim: [0.42, 0.72],
  cellRadius: [0.05, 0.066],
  lobes: 0.4,
  offCentre: 0.02,
} as const;

const shrinking = { sizeChange: [-0.28, -0.12], densityChange: [0.2, 0.5] } as const;
const swelling = { sizeChange: [0.14, 0.28], densityChange: [-0.35, -0.12] } as const;
const quiet = { granularity: [0.04, 0.1], looseCells: [0, 9] } as const;
const busy = { granularity: [0.17, 0.26], looseCells: [16, 40] } as const;

export const TRAINING_MECHANISMS: readonly Mechanism[] = [
  {
    name: 'opaque-shrinking',
    microscope: {
      name: 'scope-a',
      location: 'north',
      bitDepth: 16,
      background: [0.57, 0.66],
      vignetting: [-0.04, 0.1],
      blur: [0.0005, 0.0016],
      noise: [0.003, 0.012],
      striations: [0.008, 0.02],
      unevenness: [0.004, 0.012],
    },
    cellModel: { name: 'hep-a', donor: 'd1', ...opaqueDense, ...shrinking, ...quiet },
  },
  {
    name: 'opaque-swelling',
    microscope: {
      name: 'scope-b',
      location: 'north',
      bitDepth: 8,
      background: [0.78, 0.88],
      vignetting: [-0.36, -0.27],
      blur: [0.0027, 0.0044],
      noise: [0.003, 0.012],
      striations: [0, 0.003],
      unevenness: [0.022, 0.04],
    },
    cellModel: { name: 'hep-b', donor: 'd2', ...opaqueDense, ...swelling, ...busy },
  },
  {
    name: 'translucent-shrinking',
    microscope: {
      name: 'scope-c',
      location: 'south',
      bitDepth: 12,
      background: [0.36, 0.48],
      vignetting: [-0.04, 0.1],
      blur: [0.0027, 0.0044],
      noise: [0.003, 0.012],
      striations: [0, 0.003],
      unevenness: [0.022, 0.04],
    },
    cellModel: { name: 'drop-a', donor: 'd3', ...translucent, ...shrinking, ...busy },
  },
  {
    name: 'translucent-swelling',
    microscope: {
      name: 'scope-d',
      location: 'south',
      bitDepth: 14,
      background: [0.57, 0.66],
      vignetting: [-0.36, -0.27],
      blur: [0.0005, 0.0016],
      noise: [0.021, 0.032],
      striations: [0.008, 0.02],
      unevenness: [0.004, 0.012],
    },
    cellModel: { name: 'drop-b', donor: 'd4', ...translucent, ...swelling, ...quiet },
  },
  {
    name: 'opaque-noisy',
    microscope: {
      name: 'scope-e',
      location: 'south',
      bitDepth: 12,
      background: [0.36, 0.48],
      vignetting: [-0.36, -0.27],
      blur: [0.0005, 0.0016],
      noise: [0.021, 0.032],
      striations: [0.008, 0.02],
      unevenness: [0.022, 0.04],
    },
    cellModel: { name: 'hep-c', donor: 'd5', ...opaqueDense, ...swelling, ...quiet },
  },
  {
    name: 'translucent-bright',
    microscope: {
      name: 'scope-f',
      location: 'north',
      bitDepth: 8,
      background: [0.78, 0.88],
      vignetting: [-0.04, 0.1],
      blur: [0.0027, 0.0044],
      noise: [0.003, 0.012],
      striations: [0.008, 0.02],
      unevenness: [0.004, 0.012],
    },
    cellModel: { name: 'drop-c', donor: 'd6', ...translucent, ...shrinking, ...quiet },
  },
];

/** The microscope that the model never saw: the demo's screens are taken with it. */
export const UNSEEN_MECHANISM: Mechanism = {
  name: 'unseen',
  microscope: {
    name: 'scope-unseen',
    location: 'west',
    bitDepth: 10,
    background: [0.68, 0.76],
    vignetting: [-0.24, -0.12],
    blur: [0.0018, 0.0025],
    noise: [0.013, 0.02],
    striations: [0.004, 0.007],
    unevenness: [0.014, 0.02],
  },
  cellModel: {
    name: 'hep-unseen',
    donor: 'd9',
    mode: 'intermediate',
    diameter: [0.3, 0.35],
    opticalDensity: [0.5, 1.0],
    rim: [0.2, 0.38],
    cellRadius: [0.068, 0.074],
    sizeChange: [-0.06, 0.08],
    densityChange: [-0.08, 0.15],
    granularity: [0.11, 0.16],
    looseCells: [10, 15],
    lobes: 0.7,
    offCentre: 0.04,
  },
};

/** @throws RangeError naming those there are. */
export function mechanismByName(name: string): Mechanism {
  const all = [...TRAINING_MECHANISMS, UNSEEN_MECHANISM];
  const found = all.find((mechanism) => mechanism.name === name);
  if (!found) throw new RangeError(`no mechanism ${name}; there are ${all.map((each) => each.name).join(', ')}`);
  return found;
}
