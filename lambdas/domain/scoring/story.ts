/** How a verdict came about, in sentences that an auditor can follow from the verdict to the pixels. */

import { significant } from '../statistics.ts';
import type { SupportedCurve, SupportedLoss } from '../supported/curve.ts';
import { ends } from '../verdict/verdict-statement.ts';
import type { Normalisation } from './normalise.ts';
import type { CompoundScore } from './scores.ts';

/** A score as it is stored: what a reader of the API has. */
export interface ToldScore
  extends Pick<
    CompoundScore,
    'compound' | 'day' | 'fit' | 'lowestTested_uM' | 'highestTested_uM' | 'points' | 'statement'
  > {
  supported:
    | (Omit<SupportedCurve, 'losses'> & { losses: readonly (Omit<SupportedLoss, 'level'> & { level: number })[] })
    | null;
  cmax_uM?: number | undefined;
  cmaxRange_uM?: readonly number[] | undefined;
  cmaxSource?: string | undefined;
  fractionUnbound?: number | undefined;
  icx_uM: { ic50_uM: number | 'inf' } | null;
  verdict: { method: string };
  provenance: Omit<
    CompoundScore['provenance'],
    'thresholds' | 'method' | 'models' | 'readings' | 'notes' | 'normalisation' | 'reference'
  > & {
    method: string;
    models?: CompoundScore['provenance']['models'] | undefined;
    thresholds: Readonly<Record<string, number>>;
    readings: readonly { key: string; role: string; well: string }[];
    notes: { study?: string | undefined; exclusions?: string | undefined; maps: Readonly<Record<string, string>> };
    normalisation?: Normalisation | undefined;
    reference?: string | undefined;
  };
}

/** Images that a sentence names. */
const NAMED = 20;

export function storyOf(score: ToldScore): string[] {
  return [
    score.statement,
    exposure(score),
    thresholds(score),
    curve(score),
    paperFit(score),
    wells(score),
    normalisation(score),
    leftOut(score),
    models(score),
    sources(score),
  ].filter((line) => line !== '');
}

function exposure({ cmax_uM, cmaxRange_uM, cmaxSource, fractionUnbound }: ToldScore): string {
  if (cmax_uM === undefined) return 'Exposure: no Cmax is known, so there is no margin of safety.';
  const range = cmaxRange_uM ? `, published values from ${cmaxRange_uM.map(significant).join(' to ')} µM` : '';
  const free = fractionUnbound === undefined ? '' : `, fraction unbound ${significant(fractionUnbound)} (study.json)`;
  return `Exposure: total plasma Cmax ${significant(cmax_uM)} µM${range}${free}; source: ${cmaxSource ?? 'reference, none named'}.`;
}

const thresholds = ({ provenance, verdict }: ToldScore): string =>
  `Thresholds (conventions), by method ${verdict.method}: ${Object.entries(provenance.thresholds)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}.`;

function curve({ supported, lowestTested_uM, highestTested_uM }: ToldScore): string {
  if (!supported) return 'Supported curve: none, there are too few wells or concentrations.';
  const { model, aicc, noise, losses, wells: count, vehicleWells, curve: shape } = supported;
  const compared = Object.entries(aicc)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');
  const where =
    shape.middle_uM === null
      ? `level ${significant(shape.upper)}`
      : `from ${significant(shape.upper)} to ${significant(shape.lower)}, half-way at ${significant(shape.middle_uM)} µM, steepness ${significant(shape.hill)}`;
  const lost = losses
    .filter(({ level }) => level === 10 || level === 50)
    .map(({ level, concentration_uM, censored, low_uM, high_uM, parts }) => {
      const value = concentration_uM === null ? (censored ?? 'not known') : `${significant(concentration_uM)} µM`;
      const of = parts
        ? `; of that wells and controls ${ends(parts.wells.low_uM, parts.wells.high_uM)}, the model’s own error ${ends(parts.model.low_uM, parts.model.high_uM)}`
        : '';
      const interval = low_uM === null && high_uM === null ? '' : ` (95 % interval ${ends(low_uM, high_uM)}${of})`;
      return `IC${level} ${value}${interval}`;
    });
  return `Supported curve: ${model}, ${where}; chosen by AICc (${compared}) and by an effect larger than the noise, over ${significant(lowestTested_uM)} to ${significant(highestTested_uM)} µM from ${count} wells, ${vehicleWells} of them vehicle, with a noise of ${significant(noise)}. ${lost.join('; ')}.`;
}

function paperFit({ fit, icx_uM, lowestTested_uM }: ToldScore): string {
  if (!fit || !icx_uM) return 'The paper’s fit: none, there are fewer than three concentrations.';
  const { ic50_uM } = icx_uM;
  const ic50 =
    ic50_uM === 'inf'
      ? 'no IC50 after censoring'
      : ic50_uM < lowestTested_uM
        ? 'IC50 below the lowest tested dose, where its number means nothing'
        : `IC50 ${significant(ic50_uM)} µM`;
  return `The paper’s fit beside it: two parameters on medians, ${ic50}, raw ${significant(fit.ic50_uM)} µM, steepness ${significant(fit.hill)}, r² ${fit.r2.toFixed(2)}.`;
}

const wells = ({ points }: ToldScore): string =>
  points.length === 0
    ? 'Wells: none that counts.'
    : `Wells, median of replicates relative to vehicle: ${points
        .map(
          ({ concentration_uM, viability, n }) =>
            `${significant(concentration_uM)} µM ${viability.toFixed(2)} (n ${n})`,
        )
        .join(', ')}.`;

const BEFORE: Partial<Record<Normalisation, string>> = {
  'day-0': 'each well by its own viability on day 0, then ',
  'b-score': 'without row and column effects (B-score), then ',
};

const normalisation = ({
  provenance: { vehicleLevels, normalisation: chosen = 'vehicle-plate' },
}: ToldScore): string =>
  vehicleLevels.length === 0
    ? 'Normalisation: to nothing, no plate has usable vehicle wells.'
    : `Normalisation (${chosen}), ${BEFORE[chosen] ?? ''}to the median of the vehicle wells: ${vehicleLevels
        .map(
          ({ plate, median, n, pooled }) =>
            `plate ${plate} ${significant(median)} (${n} wells${pooled ? ', pooled over the plates of the day' : ''})`,
        )
        .join(', ')}.`;

function leftOut({ provenance: { leftOut: images } }: ToldScore): string {
  if (images.length === 0) return 'Left out: no image of its wells.';
  const named = images.slice(0, NAMED).map(({ key, reason }) => `${key} (${reason})`);
  const more = images.length > NAMED ? `; and ${images.length - NAMED} more, listed in the provenance` : '';
  return `Left out: ${named.join('; ')}${more}.`;
}

const models = ({
  provenance: { modelIdentities, models: ofPlates, preprocessingVersions, scoringVersion },
}: ToldScore): string =>
  `Versions: model ${modelIdentities.join(' and ') || 'none'}${ofPlates ? ` (${ofPlates.map(({ plate, model }) => `plate ${plate} by ${model}`).join(', ')}; viabilities of two models do not compare, so each plate is relative to its own vehicle wells and a dose has the mean over its wells of the errors that their models state, or the largest where some state none)` : ''}; preprocessing ${preprocessingVersions.join(' and ') || 'none'}; scoring ${scoringVersion}.`;

function sources({ provenance: { notes, reference, readings } }: ToldScore): string {
  const maps = Object.entries(notes.maps).map(([plate, etag]) => `platemap.csv of ${plate} (ETag ${etag})`);
  const study = notes.study === undefined ? 'no study.json' : `study.json (ETag ${notes.study})`;
  const excluded = notes.exclusions === undefined ? '' : `, exclusions.csv (ETag ${notes.exclusions})`;
  const drugs = reference === undefined ? '' : `; drug reference SHA-256 ${reference}`;
  const of = (wanted: string): number => readings.filter(({ role }) => role === wanted).length;
  const dayZero = of('day-0') === 0 ? '' : `, ${of('day-0')} of day 0 that they were divided by`;
  return `Made from ${study}${maps.length > 0 ? `, ${maps.join(', ')}` : ''}${excluded}${drugs}; and from ${readings.length} images (${of('treated')} of its own wells, ${of('vehicle')} of vehicle wells${dayZero}), each named by object key, version and SHA-256.`;
}
