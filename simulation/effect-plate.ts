/** Plates of wells in numbers alone, with an effect of place: what plate quality and normalisation are judged on. */

import type { Role } from '../lambdas/domain/notes/platemap.ts';
import type { QualityWell } from '../lambdas/domain/plate-quality/wells.ts';
import { wellName } from '../lambdas/domain/well.ts';
import { lognormal, normal, type Random, uniform } from './random.ts';

/** Factor on viability by place: row and column from 0 (first) to 1 (last), and whether the well is in the outer ring. */
export type PlaceEffect = (place: { row: number; column: number; outer: boolean; index: number }) => number;

export const PLACE_EFFECTS = {
  none: () => 1,
  'edge −10 %': ({ outer }) => (outer ? 0.9 : 1),
  'edge −25 %': ({ outer }) => (outer ? 0.75 : 1),
  'rows −20 %': ({ row }) => 1 - 0.2 * row,
  'columns −20 %': ({ column }) => 1 - 0.2 * column,
  'every third column −40 %': ({ index }) => (index % 3 === 0 ? 0.6 : 1),
  'a corner −60 %': ({ row, column }) => (row < 0.5 && column < 0.3 ? 0.4 : 1),
} satisfies Record<string, PlaceEffect>;

export interface EffectPlateDesign {
  compounds: number;
  doses: number;
  vehicleWells: number;
  /** Standard deviation of a living well over its level. */
  controlCv: number;
  /** `rows`: a compound a row, doses along it, as in the demo; `scattered`: wells at random. */
  layout: 'rows' | 'scattered';
  effect: PlaceEffect;
  /** Of the whole plate read. */
  plateLevel: number;
}

export interface EffectPlate {
  wells: QualityWell[];
  /** µM, by compound key; infinite = inert. */
  trueIc50: Map<string, number>;
}

const ROWS = 16;
const COLUMNS = 24;
/** Share of compounds that do nothing, as in a screen. */
const INERT = 0.4;

/** A 384-well plate; the outer ring is used. */
export function effectPlate(design: EffectPlateDesign, random: Random): EffectPlate {
  const { compounds, doses, vehicleWells, controlCv, effect, plateLevel } = design;
  const places = placesOf(design, random);
  const trueIc50 = new Map<string, number>();
  const well = (role: Role, compound: string, concentration_uM: number, level: number): QualityWell => {
    const { row, column } = places.next().value ?? { row: 0, column: 0 };
    const outer = row === 0 || column === 0 || row === ROWS - 1 || column === COLUMNS - 1;
    const byPlace = effect({ row: row / (ROWS - 1), column: column / (COLUMNS - 1), outer, index: column });
    const noise =
      1 + (controlCv * Math.hypot(level, 0.3) * normal(random)) / (Math.hypot(1, 0.3) * Math.max(level, 0.01));
    return {
      well: wellName({ row, column }),
      row,
      column,
      key: compound,
      compound,
      concentration_uM,
      role,
      viability: plateLevel * level * byPlace * noise,
      flags: [],
    };
  };
  const treated = Array.from({ length: compounds }, (_, i) => {
    const key = `compound${i}`;
    const ic50 = random() < INERT ? Number.POSITIVE_INFINITY : 10 ** uniform(random, [0, 2]);
    const hill = uniform(random, [1, 2.2]);
    trueIc50.set(key, ic50);
    return Array.from({ length: doses }, (_, dose) => {
      const concentration_uM = 300 / Math.sqrt(10) ** (doses - 1 - dose);
      return well('treated', key, concentration_uM, 1 / (1 + (concentration_uM / ic50) ** hill));
    });
  }).flat();
  const vehicle = Array.from({ length: vehicleWells }, () => well('vehicle', 'dmso', 0, 1));
  return { wells: [...treated, ...vehicle], trueIc50 };
}

export const plateLevelOf = (random: Random): number => lognormal(random, 0.06);

/** Treated wells first, then the vehicle wells: in columns 1 and 2 from the top, or anywhere. */
function* placesOf({ compounds, doses, vehicleWells, layout }: EffectPlateDesign, random: Random) {
  const all = Array.from({ length: ROWS * COLUMNS }, (_, i) => ({ row: Math.floor(i / COLUMNS), column: i % COLUMNS }));
  if (layout === 'scattered') {
    for (const item of all.map((place) => ({ place, at: random() })).sort((a, b) => a.at - b.at)) yield item.place;
    return;
  }
  for (let i = 0; i < compounds; i += 1)
    for (let dose = 0; dose < doses; dose += 1)
      yield { row: i % ROWS, column: 3 + Math.floor(i / ROWS) * (doses + 1) + dose };
  for (let i = 0; i < vehicleWells; i += 1) yield { row: i % ROWS, column: 1 - Math.floor(i / ROWS) };
}
