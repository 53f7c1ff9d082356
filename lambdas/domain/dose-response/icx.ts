/** Concentrations at which a fraction of viability is lost, and which of them count as seen. */
import type { DoseResponseFit } from './dose-response.ts';

/** Fractions lost that are reported. */
export const LOSS_LEVELS = [10, 15, 20, 25, 30, 40, 50] as const;
export type LossLevel = (typeof LOSS_LEVELS)[number];
export type IcxKey = `ic${LossLevel}_uM`;
export const icxKey = (percent: LossLevel): IcxKey => `ic${percent}_uM`;

/** µM; `'inf'` = no effect seen (censored). */
export type Concentration = number | 'inf';
export type IcxTable = Record<IcxKey, Concentration>;

/** An ICx beyond this multiple of the highest tested concentration counts as infinite (the paper's step 4). */
export const CENSORING_FACTOR = 10;
/** A curve still above the level here never gets there (the paper's step 4). */
const FAR_CONCENTRATION_uM = 1e7;

/** `IC50 · (1/(1 − x) − 1)^(1/h)` for a fraction x lost. */
export const inhibitoryConcentration = (
  { ic50_uM, hill }: Pick<DoseResponseFit, 'ic50_uM' | 'hill'>,
  lost: number,
): number => ic50_uM * (1 / (1 - lost) - 1) ** (1 / hill);

/** True when a concentration is finite but was read off the curve outside the tested doses, on either side. */
export const isExtrapolated = (
  value: Concentration,
  { lowest_uM, highest_uM }: { lowest_uM: number; highest_uM: number },
): boolean => value !== 'inf' && (value < lowest_uM || value > highest_uM);

export function censoredIcx(fit: DoseResponseFit, highestTested_uM: number): IcxTable {
  const limit = Math.min(CENSORING_FACTOR * highestTested_uM, FAR_CONCENTRATION_uM);
  const censor = (value: number): Concentration => (value > limit || !Number.isFinite(value) ? 'inf' : value);
  const entries = LOSS_LEVELS.map(
    (level) => [icxKey(level), censor(inhibitoryConcentration(fit, level / 100))] as const,
  );
  return Object.fromEntries(entries) as IcxTable;
}
