/**
 * What makes an image and its ATP say different things. A pitfall's strength follows the dose, from 0 (absent) to 1; what is drawn at 1 is a
 * choice within what labs meet, not a frequency: no simulation can say how often a screen meets it.
 */
import type { WellSpecification } from '../render/specification.ts';
import { PRECIPITATES, type PrecipitateForm } from './precipitate.ts';

export interface Pitfall {
  name: string;
  /** What the picture gets. */
  drawn: (strength: number) => Pick<WellSpecification, 'precipitate' | 'colour'>;
  /** Share of the ATP that is lost without a trace in the picture. */
  lost: (strength: number) => number;
  /** For people: `120 needles`. */
  told: (strength: number) => string;
}

/** Half-log doses from a hundred µM down, so that what follows the dose in proportion spans the range. */
export const STRENGTHS = [0.03, 0.1, 0.3, 1] as const;
export const TOP_DOSE_UM = 100;

/** Decadic absorbance at strength 1: 5 mm of medium with 100 µM of a dye of 10,000 per M and cm. */
const MOST_ABSORBANCE = 0.5;

/** Emax and the strength of half of it, as of an inhibitor of respiration in the first hours: ATP falls before the cells look any different. */
const LOSS = { most: 0.9, half: 0.2 };

const nothing = (): number => 0;

const precipitate = (form: PrecipitateForm): Pitfall => ({
  name: `precipitate-${form}`,
  drawn: (amount) => ({ precipitate: { form, amount } }),
  lost: nothing,
  told: (amount) => `${Math.round(PRECIPITATES[form].most * amount)} ${form === 'amorphous' ? 'specks' : form}`,
});

const lostAt = (strength: number): number => (LOSS.most * strength) / (strength + LOSS.half);

export const PITFALLS: readonly Pitfall[] = [
  precipitate('needles'),
  precipitate('crystals'),
  precipitate('amorphous'),
  {
    name: 'coloured-medium',
    drawn: (strength) => ({ colour: { medium: MOST_ABSORBANCE * strength, spheroid: 0 } }),
    lost: nothing,
    told: (strength) => `absorbance ${round(MOST_ABSORBANCE * strength)} of the field`,
  },
  {
    name: 'coloured-cells',
    drawn: (strength) => ({ colour: { medium: 0, spheroid: MOST_ABSORBANCE * strength } }),
    lost: nothing,
    told: (strength) => `absorbance ${round(MOST_ABSORBANCE * strength)} of the spheroid`,
  },
  {
    name: 'loss-without-trace',
    drawn: () => ({}),
    lost: lostAt,
    told: (strength) => `${Math.round(100 * lostAt(strength))} % of the ATP lost`,
  },
];

/** @throws RangeError naming those there are. */
export function pitfallByName(name: string): Pitfall {
  const found = PITFALLS.find((pitfall) => pitfall.name === name);
  if (!found) throw new RangeError(`no pitfall ${name}; there are ${PITFALLS.map((each) => each.name).join(', ')}`);
  return found;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
