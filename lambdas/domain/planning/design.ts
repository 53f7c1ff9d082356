/** What a lab is about to dose, and why it cannot be done or cannot answer. */
import { MIN_CONCENTRATIONS } from '../dose-response/dose-response.ts';
import { VERDICT_THRESHOLDS } from '../verdict/thresholds.ts';
import { PLATE_FORMATS } from '../well.ts';

export interface ScreenDesign {
  /** Wells of the plate: 96, 384 … */
  format: number;
  /** Compounds on a plate. */
  compounds: number;
  highest_uM: number;
  doses: number;
  /** Ratio of a dose to the next lower one. */
  dilution: number;
  /** Wells of each dose on a plate. */
  replicates: number;
  /** Vehicle wells of each plate. */
  vehicleWells: number;
  /** Wells of a plate that hold neither compound nor vehicle: untreated, positive control, empty. */
  otherWells: number;
  /** Plates that repeat the layout, each with vehicle wells of its own. */
  plates: number;
  /** Standard deviation of a vehicle well, relative to its level. */
  controlCv: number;
  cmax_uM: number;
  /**
   * What the model that reads the images may misread in all wells of a study alike: its half width of 90 %, relative to vehicle, at viabilities evenly from
   * 0 to 1. Empty for an assay that is no model.
   */
  sharedHalfWidths90: readonly number[];
}

export interface DesignProblem {
  message: string;
  remedy: string;
}

/** Lowest first. */
export const dosesOf = ({ highest_uM, doses, dilution }: ScreenDesign): number[] =>
  Array.from({ length: doses }, (_, i) => highest_uM / dilution ** (doses - 1 - i));

export const wellsUsed = ({ compounds, doses, replicates, vehicleWells, otherWells }: ScreenDesign): number =>
  compounds * doses * replicates + vehicleWells + otherWells;

/** How many compounds fit on a plate. */
export const compoundsThatFit = ({ format, doses, replicates, vehicleWells, otherWells }: ScreenDesign): number =>
  Math.max(0, Math.floor((format - vehicleWells - otherWells) / (doses * replicates)));

/** @returns the first thing that is wrong with a design, in the order in which a person would mend it. */
export function problemOf(design: ScreenDesign): DesignProblem | undefined {
  const { format, compounds, doses, dilution, highest_uM, replicates, vehicleWells, otherWells, cmax_uM } = design;
  if (!PLATE_FORMATS.some(({ wells }) => wells === format))
    return {
      message: `there is no plate of ${format} wells`,
      remedy: `Give one of ${PLATE_FORMATS.map(({ wells }) => wells).join(', ')}.`,
    };
  if (doses < MIN_CONCENTRATIONS)
    return {
      message: `${doses} doses are no curve`,
      remedy: `Plan at least ${MIN_CONCENTRATIONS}; 8 doses in half-log steps are usual.`,
    };
  if (!(dilution > 1))
    return {
      message: `a dilution of ${dilution} leaves every dose the same or raises it`,
      remedy: 'Give the ratio of a dose to the next lower one: 3.16 is a half-log step.',
    };
  if (vehicleWells < 1)
    return { message: 'without vehicle wells nothing can be normalised', remedy: 'Plan at least 6 on each plate.' };
  if (wellsUsed(design) > format) {
    const fit = compoundsThatFit(design);
    return {
      message: `${compounds} × ${doses} doses × ${replicates} replicates and ${vehicleWells + otherWells} control wells are ${wellsUsed(design)} wells, and the plate has ${format}`,
      remedy:
        fit > 0
          ? `Plan ${fit} compound${fit === 1 ? '' : 's'} a plate, fewer replicates with more plates, or a larger plate.`
          : 'Plan fewer doses or replicates with more plates, or a larger plate.',
    };
  }
  const reach = highest_uM / cmax_uM;
  if (reach < VERDICT_THRESHOLDS.testedAtLeast * (1 - 1e-9))
    return {
      message: `the highest dose, ${figure(highest_uM)} µM, is ${figure(reach)} × Cmax: a compound without effect would be "unknown", whatever else is planned`,
      remedy: `Test up to at least ${VERDICT_THRESHOLDS.testedAtLeast} × Cmax, ${figure(VERDICT_THRESHOLDS.testedAtLeast * cmax_uM)} µM.`,
    };
  return undefined;
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));
