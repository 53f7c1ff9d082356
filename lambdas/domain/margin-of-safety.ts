/** Margin of safety: IC50 over total plasma Cmax, both µM. Lower is riskier. */
import type { Concentration } from './icx.ts';

export const marginOfSafety = (ic50_uM: Concentration, cmax_uM: number): number | 'inf' =>
  ic50_uM === 'inf' ? 'inf' : ic50_uM / cmax_uM;

/** Stands for an infinite margin inside a ranking, and nowhere else (the paper's step 5). */
const INFINITE_IN_RANKING = 1e6;

export const rankable = (mos: number | 'inf'): number => (mos === 'inf' ? INFINITE_IN_RANKING : mos);
