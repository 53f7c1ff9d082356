/** A whole screen before any picture is drawn: plates, wells, doses, days, and the true viability of every well. */
import type { Role } from '../../lambdas/domain/notes/platemap.ts';
import { wellName } from '../../lambdas/domain/well.ts';
import { UNSEEN_MECHANISM } from '../profiles/mechanisms.ts';
import { lognormal, type Random, seededRandom, seedOf, uniform } from '../random.ts';
import type { Artefact } from '../render/index.ts';
import { type Drug, drugsWithPublishedIc50 } from './drugs.ts';

export interface ScreenOptions {
  study: string;
  drugs: number;
  /** Plates; each carries one replicate of every drug and dose. */
  plates: number;
  /** Half-log steps. */
  doses: number;
  days: readonly number[];
  vehicleWells: number;
  untreatedWells: number;
  /** Side of a frame, pixels. */
  side: number;
  seed: number;
  /** Microscope and cell model, by the name of their mechanism. */
  mechanism: string;
  /** Calendar day of the first dosing, `2026-03-02`. */
  dosedOn: string;
}

export const DEMO_SCREEN: ScreenOptions = {
  study: 'sim-demo',
  drugs: 16,
  plates: 2,
  doses: 8,
  days: [3, 7],
  vehicleWells: 6,
  untreatedWells: 4,
  side: 1024,
  seed: 20260302,
  mechanism: UNSEEN_MECHANISM.name,
  dosedOn: '2026-03-02',
};

/** What goes wrong with a file, besides what the renderer can draw. */
export type Fault = Artefact | 'truncated' | 'text-file';

export interface ScreenWell {
  plate: string;
  /** Zero-based. */
  row: number;
  column: number;
  well: string;
  role: Role;
  compound: string;
  concentration_uM: number;
}

export interface ScreenImage extends ScreenWell {
  day: number;
  /** True viability; undefined where there is no spheroid to have one. */
  viability: number | undefined;
  /** Living cells in the well as a luminometer would find them, whatever became of the image; 0 in an empty well. */
  living: number;
  fault: Fault | undefined;
}

export interface SimulatedDrug extends Drug {
  hill: number;
  /** IC50 falls with time: IC50(day) = IC50 · (lastDay / day)^shift. */
  shift: number;
  doses_uM: number[];
}

export interface ScreenPlan {
  options: ScreenOptions;
  drugs: SimulatedDrug[];
  wells: ScreenWell[];
  images: ScreenImage[];
}

const HALF_LOG = Math.sqrt(10);
const CONTROL_CV = 0.09;
const PLATE_CV = 0.05;
const READ_CV = 0.04;
const EDGE_LOSS = 0.06;
const VEHICLE_EFFECT = 0.98;
/** Plates have 16 rows: a drug a row, its doses along the columns from here. */
const ROWS = 16;
const FIRST_DOSE_COLUMN = 4;
const CONTROL_COLUMN = 2;
/** Every eighth drug is tested far too low: its IC50 lies outside the tested range, as happens. */
const TESTED_TOO_LOW_EVERY = 8;

export function planScreen(options: ScreenOptions): ScreenPlan {
  const random = seededRandom(options.seed);
  const drugs = drugsWithPublishedIc50(options.drugs).map((drug, i) => simulateDrug(drug, i, options.doses, random));
  const plates = Array.from({ length: options.plates }, (_, i) => `SIM-${String(i + 1).padStart(2, '0')}`);
  const wells = plates.flatMap((plate) => layOut(plate, drugs, options));
  const lastDay = Math.max(...options.days);
  const images = options.days.flatMap((day) =>
    plates.flatMap((plate) => {
      const level = plateLevel(options, plate, day);
      return wells
        .filter((well) => well.plate === plate)
        .map((well) => image(well, day, lastDay, level, drugs, options));
    }),
  );
  return { options, drugs, wells, images: withFaults(images) };
}

function simulateDrug(drug: Drug, index: number, doses: number, random: Random): SimulatedDrug {
  const beyond = index % TESTED_TOO_LOW_EVERY === TESTED_TOO_LOW_EVERY - 1 ? 1 / 15 : 10 ** uniform(random, [0.6, 1.3]);
  const top = Number((drug.ic50_uM * beyond).toPrecision(2));
  const doses_uM = Array.from({ length: doses }, (_, i) => Number((top / HALF_LOG ** (doses - 1 - i)).toPrecision(3)));
  return { ...drug, hill: uniform(random, [1, 2.2]), shift: uniform(random, [0.3, 1.2]), doses_uM };
}

function layOut(
  plate: string,
  drugs: readonly SimulatedDrug[],
  { vehicleWells, untreatedWells }: ScreenOptions,
): ScreenWell[] {
  const place = (row: number, column: number): Pick<ScreenWell, 'plate' | 'row' | 'column' | 'well'> => ({
    plate,
    row,
    column,
    well: wellName({ row, column }),
  });
  const treated = drugs.flatMap((drug, i) =>
    drug.doses_uM.map((concentration_uM, dose): ScreenWell => {
      const block = Math.floor(i / ROWS);
      return {
        ...place(i % ROWS, FIRST_DOSE_COLUMN + block * (drug.doses_uM.length + 1) + dose),
        role: 'treated',
        compound: drug.name,
        concentration_uM,
      };
    }),
  );
  const control = (role: Role, compound: string, count: number, offset: number): ScreenWell[] =>
    Array.from({ length: count }, (_, i) => ({
      ...place((offset + i) % ROWS, CONTROL_COLUMN - Math.floor((offset + i) / ROWS)),
      role,
      compound,
      concentration_uM: 0,
    }));
  return [
    ...control('vehicle', 'dmso', vehicleWells, 2),
    ...control('untreated', 'medium', untreatedWells, 2 + vehicleWells),
    ...treated,
  ];
}

/** Plate and read effects are common to all wells of a plate read: what normalisation takes out. */
function plateLevel({ seed }: ScreenOptions, plate: string, day: number): number {
  const ofPlate = lognormal(seededRandom(seedOf(seed, plate)), PLATE_CV);
  return ofPlate * lognormal(seededRandom(seedOf(seed, plate, day)), READ_CV);
}

function image(
  well: ScreenWell,
  day: number,
  lastDay: number,
  level: number,
  drugs: readonly SimulatedDrug[],
  { seed }: ScreenOptions,
): ScreenImage {
  const drug = drugs.find((candidate) => candidate.name === well.compound);
  const effect = drug ? 1 / (1 + (well.concentration_uM / trueIc50(drug, day, lastDay)) ** drug.hill) : 1;
  const vehicle = well.role === 'untreated' ? 1 : VEHICLE_EFFECT;
  const edge = well.row === 0 || well.row === ROWS - 1 ? 1 - EDGE_LOSS : 1;
  const biology = lognormal(seededRandom(seedOf(seed, well.plate, well.well, day)), CONTROL_CV);
  const viability = effect * vehicle * edge * level * biology;
  return { ...well, day, viability, living: viability, fault: undefined };
}

export const trueIc50 = (drug: SimulatedDrug, day: number, lastDay: number): number =>
  drug.ic50_uM * (lastDay / day) ** drug.shift;

/** A few bad files, where a real plate has them: an empty vehicle well, a fibre, a scale bar, a cut copy, a foreign file. */
function withFaults(images: readonly ScreenImage[]): ScreenImage[] {
  const last = images.length - 1;
  const faults = new Map<number, Fault>([
    [1, 'empty-well'],
    [Math.floor(last * 0.3), 'fibre'],
    [Math.floor(last * 0.45), 'truncated'],
    [Math.floor(last * 0.6), 'scale-bar'],
    [Math.floor(last * 0.8), 'text-file'],
  ]);
  return images.map((item, i) => {
    const fault = faults.get(i);
    if (!fault) return item;
    const hasSpheroid = fault === 'fibre' || fault === 'scale-bar';
    const living = fault === 'empty-well' ? 0 : item.living;
    return { ...item, fault, living, viability: hasSpheroid ? item.viability : undefined };
  });
}
