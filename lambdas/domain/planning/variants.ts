/** Ways to spend more wells on a design, to be simulated beside it, and which of them helps most. */

import { compoundsThatFit, type ScreenDesign } from './design.ts';
import type { Overall } from './outcome.ts';

export interface Variant {
  /** As a person would say it: "4 more vehicle wells a plate". */
  change: string;
  design: ScreenDesign;
  /** Wells more for each compound, its share of the controls included. */
  moreWells: number;
}

/** Each on its own; those for which a plate would no longer hold a single compound are left out. */
export function variantsOf(design: ScreenDesign): Variant[] {
  const more = Math.max(4, design.vehicleWells);
  const candidates: [change: string, over: Partial<ScreenDesign>][] = [
    [`${more} more vehicle wells a plate`, { vehicleWells: design.vehicleWells + more }],
    ['one more replicate of each dose', { replicates: design.replicates + 1 }],
    ['one more plate', { plates: design.plates + 1 }],
    [
      'half as many doses again over the same range',
      {
        doses: Math.round(1.5 * design.doses),
        dilution: design.dilution ** ((design.doses - 1) / (Math.round(1.5 * design.doses) - 1)),
      },
    ],
  ];
  return candidates.flatMap(([change, over]) => {
    const fit = compoundsThatFit({ ...design, ...over });
    if (fit < 1) return [];
    // What no longer fits beside the others moves to another plate.
    const changed = { ...design, ...over, compounds: Math.min(design.compounds, fit) };
    return [{ change, design: changed, moreWells: wellsPerCompound(changed) - wellsPerCompound(design) }];
  });
}

const wellsPerCompound = ({ plates, doses, replicates, vehicleWells, compounds }: ScreenDesign): number =>
  plates * (doses * replicates + vehicleWells / compounds);

export interface Compared extends Variant {
  overall: Overall;
}

export interface Advice {
  /** Whose intervals become narrowest. */
  most: Compared;
  /** Whose intervals narrow most for each well that it costs. */
  bestValue: Compared;
}

/** Stands for an open interval where intervals are compared. */
const OPEN_FOLD = 1000;
/** ln of the least narrowing that is more than chance among a few hundred simulated compounds. */
const LEAST_GAIN = Math.log(1.03);

/** @returns undefined when no variant narrows the intervals by more than chance */
export function adviceOn(own: Overall, variants: readonly Compared[]): Advice | undefined {
  const fold = ({ intervalFold }: Overall): number => intervalFold ?? OPEN_FOLD;
  const gain = ({ overall }: Compared): number => Math.log(fold(own) / fold(overall));
  const helpful = variants.filter((variant) => gain(variant) >= LEAST_GAIN);
  const [most] = helpful.toSorted((a, b) => gain(b) - gain(a));
  const [bestValue] = helpful.toSorted((a, b) => gain(b) / b.moreWells - gain(a) / a.moreWells);
  return most && bestValue && { most, bestValue };
}
