/** What a simulated compound would be called, and whether that is right. */

import type { CurveWell } from '../curves/data.ts';
import { testedRange } from '../dose-response/dose-response.ts';
import { doseSummaries } from '../scoring/assess.ts';
import { lossAt, supportedCurve } from '../supported/curve.ts';
import { supportedVerdict } from '../supported/verdict.ts';
import { marginOf } from '../verdict/margin-of-safety.ts';
import { VERDICT_THRESHOLDS as T } from '../verdict/thresholds.ts';

export const CALLS = ['strong signal', 'signal', 'weak signal', 'no loss seen', 'unknown'] as const;
export type Call = (typeof CALLS)[number];

/** One compound, as the product would report it. */
export interface Judged {
  call: Call;
  /** Ends of the 95 % interval of the IC50; null where it is open, or where there is none. */
  low_uM: number | null;
  high_uM: number | null;
  /** The same of what wells and controls alone leave. */
  ofWells: { low_uM: number | null; high_uM: number | null };
}

/** Verdict and interval on these wells: the only place where planning asks for them. */
export function judge(wells: readonly CurveWell[], cmax_uM: number): Judged {
  const points = doseSummaries(wells.filter(({ concentration_uM }) => concentration_uM > 0));
  const range = testedRange(points);
  const supported = supportedCurve(wells);
  const exposure = { cmax_uM };
  const margin = marginOf(supported, range, exposure);
  const { label } = supportedVerdict({ points, supported, margin, exposure, provisional: false, thresholds: T });
  const half = lossAt(supported, 50);
  const { low_uM = null, high_uM = null, parts } = half ?? {};
  return { call: callOf(label), low_uM, high_uM, ofWells: parts?.wells ?? { low_uM, high_uM } };
}

const callOf = (label: string): Call =>
  CALLS.find((call) => call === label) ?? (label.startsWith('no loss seen') ? 'no loss seen' : 'unknown');

/**
 * Calls that are right for a true margin of safety; `'none'` is a compound that loses nothing. At a threshold both sides are:
 * no design tells them apart.
 */
export function rightCalls(mos: number | 'none'): readonly Call[] {
  if (mos === 'none') return ['no loss seen'];
  const calls: Call[] = [];
  if (mos <= T.strongBelow) calls.push('strong signal');
  if (mos >= T.strongBelow && mos <= T.signalUpTo) calls.push('signal');
  if (mos >= T.signalUpTo) calls.push('weak signal');
  return calls;
}
