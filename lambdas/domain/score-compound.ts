/** One compound on one day: from normalised wells to curve, margin of safety and verdict. */
import { fitDoseResponse, MIN_CONCENTRATIONS, testedRange } from './dose-response.ts';
import { censoredIcx, type IcxTable, isExtrapolated } from './icx.ts';
import { marginOfSafety } from './margin-of-safety.ts';
import { compoundKey, type Reference } from './reference.ts';
import type { CompoundScore, DoseSummary, Provenance } from './scores.ts';
import { groupBy, median } from './statistics.ts';
import type { Study } from './study.ts';
import { verdictOf } from './verdict.ts';

export interface NormalisedWell {
  concentration_uM: number;
  /** Relative to vehicle. */
  viability: number;
}

export interface CompoundInput {
  compound: string;
  day: number;
  wells: readonly NormalisedWell[];
  /** Wells of the compound that were read and do not count. */
  wellsLeftOut: number;
  notes: Study | undefined;
  reference: Reference;
  provisional: boolean;
  provenance: Provenance;
  /** Why nothing can be said, known before any fit. */
  obstacle?: string;
}

export function scoreCompound(input: CompoundInput): CompoundScore {
  const { compound, day, wells, notes, reference, provisional, provenance } = input;
  const points = doseSummaries(wells);
  const range = testedRange(points);
  const fit = input.obstacle === undefined ? fitDoseResponse(points) : null;
  const icx_uM = fit && range ? censoredIcx(fit, range.highest_uM) : null;
  const known = reference.find(compound);
  const exposure = exposureOf(compound, notes, reference);
  const mos = icx_uM && exposure.cmax_uM !== undefined ? marginOfSafety(icx_uM.ic50_uM, exposure.cmax_uM) : null;
  const missing =
    input.obstacle ??
    missingReason(points.filter(({ concentration_uM }) => concentration_uM > 0).length, icx_uM, exposure);
  return {
    compound,
    day,
    points,
    fit,
    icx_uM,
    extrapolated: icx_uM !== null && range !== undefined && isExtrapolated(icx_uM.ic50_uM, range),
    lowestTested_uM: range?.lowest_uM ?? 0,
    highestTested_uM: range?.highest_uM ?? 0,
    ...exposure,
    mos,
    wells: { counted: wells.length, leftOut: input.wellsLeftOut },
    verdict: verdictOf({ points, icx_uM, cmax_uM: exposure.cmax_uM, provisional, missing }),
    dili: {
      label: known?.dili ?? null,
      ...(known?.dilirank ? { dilirank: known.dilirank } : {}),
      ...(known?.dilist ? { dilist: known.dilist } : {}),
    },
    provenance,
  };
}

/** Median over replicates at each concentration, lowest first (step 2 of the method). */
export function doseSummaries(wells: readonly NormalisedWell[]): DoseSummary[] {
  return [...groupBy(wells, (well) => well.concentration_uM)]
    .sort(([a], [b]) => a - b)
    .map(([concentration_uM, replicates]) => {
      const values = replicates.map((well) => well.viability);
      return {
        concentration_uM,
        viability: median(values),
        n: values.length,
        min: Math.min(...values),
        max: Math.max(...values),
      };
    });
}

type Exposure = Pick<CompoundScore, 'cmax_uM' | 'cmaxRange_uM' | 'cmaxSource' | 'nearNames'>;

/** The study's own Cmax wins over the reference. */
function exposureOf(compound: string, notes: Study | undefined, reference: Reference): Exposure {
  const key = compoundKey(compound);
  const own = Object.entries(notes?.cmax_uM ?? {}).find(([name]) => compoundKey(name) === key);
  if (own) return { cmax_uM: own[1], cmaxSource: 'study.json' };
  const known = reference.find(compound);
  if (!known) return { nearNames: reference.near(compound) };
  return {
    ...(known.cmax_uM === undefined ? {} : { cmax_uM: known.cmax_uM }),
    ...(known.cmaxRange_uM ? { cmaxRange_uM: known.cmaxRange_uM } : {}),
    ...(known.cmaxSource ? { cmaxSource: known.cmaxSource } : {}),
  };
}

function missingReason(
  concentrations: number,
  icx_uM: IcxTable | null,
  { cmax_uM, nearNames }: Exposure,
): string | undefined {
  if (!icx_uM)
    return `${concentrations} concentrations with an accepted image; a curve needs at least ${MIN_CONCENTRATIONS}`;
  if (cmax_uM !== undefined) return undefined;
  const near = nearNames && nearNames.length > 0 ? `; near names: ${nearNames.join(', ')}` : '';
  return `no Cmax is known under this name${near}; give one as cmax_uM in study.json`;
}
