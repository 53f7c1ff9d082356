/** What the demo's report shows, in plain data: gathered from the API and, beside it, the simulation's truth. */

import type { SupportedCurve } from '../../lambdas/domain/supported/curve.ts';
import type { Margin } from '../../lambdas/domain/verdict/margin-of-safety.ts';

export interface ReportWell {
  row: number;
  column: number;
  name: string;
  role: string;
  compound?: string;
  concentration_uM?: number;
  /** Viability normalised to the vehicle wells of the same plate read; null when no image counts. */
  viability: number | null;
  state: 'read' | 'rejected' | 'absent';
}

export interface ReportPlate {
  plate: string;
  rows: number;
  columns: number;
  days: { day: number; wells: ReportWell[] }[];
}

export interface ReportCurve {
  day: number;
  points: { concentration_uM: number; viability: number }[];
  /** The curve that the wells support, with its IC50 where it is reached; null when there is none. */
  supported: {
    curve: SupportedCurve['curve'];
    ic50: {
      uM: number | null;
      low_uM: number | null;
      high_uM: number | null;
      /** What wells and controls alone leave, where the interval holds an error of the model too. */
      wells: { low_uM: number | null; high_uM: number | null } | null;
    };
  } | null;
  /** The paper's raw fit, before censoring; null when there is none. */
  fit: { ic50_uM: number; hill: number } | null;
}

export interface ReportCompound {
  compound: string;
  curves: ReportCurve[];
  /** Day of the first clear loss, in words. */
  onset: string;
  /** What only the last day shows; null when nothing. */
  delayed: string | null;
  /** Wells on the ranking's day, in words: `12`, `10 (2 left out)`. */
  n: string;
  /** On the ranking's day, in words: `12.1 (8.4 to 17.3)`, `> 412`. */
  ic50: string;
  margin: Pick<Margin, 'mos' | 'relation' | 'low' | 'high'> | null;
  /** What wells and controls alone leave of the margin, where its interval holds an error of the model too. */
  marginOfWells: { low: number | null; high: number | null } | null;
  trueIc50_uM: number;
  cmax_uM: number | null;
  verdict: string;
  couldAlsoBe: string[];
  /** 1 = DILI concern, 0 = none, null = not labelled. */
  dili: 0 | 1 | null;
}

export interface ReportImage {
  /** PNG of the exact 256 × 256 input, as a data URI. */
  dataUri: string;
  well: string;
  day: number;
  truth: number;
  predicted: number;
}

export interface ReportData {
  study: string;
  microscope: string;
  rankingDay: number;
  days: number[];
  plates: ReportPlate[];
  /** In the order of the ranking, riskiest first. */
  compounds: ReportCompound[];
  accuracy: { r2: number; mae: number; pairs: { truth: number; predicted: number }[] };
  auc: { supported: number | null; exposureOnly: number | null; n: number; note?: string };
  books: { images: number; readings: number; rejected: number; missing: number; absentWells: number };
  speed: { seconds: number; imagesPerSecond: number };
  model: string;
  examples: ReportImage[];
}
