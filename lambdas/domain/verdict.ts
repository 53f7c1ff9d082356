/** What a compound's margin of safety is called on one day. Never that a drug is harmless: what was not seen is said as such. */
import { VERDICT_THRESHOLDS as T } from './thresholds.ts';

export interface Verdict {
  /** `strong signal`, `signal`, `weak signal`, `no loss seen up to k × Cmax`, `unknown`. */
  label: string;
  /** Why it is unknown, or what the label rests on. */
  reason?: string;
  /** True until the plate reads of the day are complete. */
  provisional: boolean;
}

export interface VerdictInput {
  /** null when there is no IC50 or no Cmax. */
  mos: number | 'inf' | null;
  cmax_uM: number | undefined;
  highestTested_uM: number;
  provisional: boolean;
  /** Why there is no margin of safety. */
  missing?: string;
  /** True when the IC50 lies beyond the highest tested concentration. */
  extrapolated?: boolean;
}

export function verdictOf({
  mos,
  cmax_uM,
  highestTested_uM,
  provisional,
  missing,
  extrapolated,
}: VerdictInput): Verdict {
  if (mos === null || cmax_uM === undefined)
    return { label: 'unknown', reason: missing ?? 'there is no margin of safety', provisional };
  if (mos === 'inf') return notSeen(highestTested_uM / cmax_uM, provisional);
  const label = mos < T.strongBelow ? 'strong signal' : mos <= T.signalUpTo ? 'signal' : 'weak signal';
  return extrapolated
    ? {
        label,
        reason: `its IC50 is extrapolated beyond the highest tested concentration (${highestTested_uM} µM)`,
        provisional,
      }
    : { label, provisional };
}

function notSeen(multiple: number, provisional: boolean): Verdict {
  const k = multiple >= 10 ? Math.floor(multiple).toString() : multiple.toPrecision(2);
  if (multiple >= T.testedAtLeast) return { label: `no loss seen up to ${k} × Cmax`, provisional };
  return {
    label: 'unknown',
    reason: `no loss seen, but tested only up to ${k} × Cmax; at least ${T.testedAtLeast} × is needed to say so`,
    provisional,
  };
}
