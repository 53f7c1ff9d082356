/** What scoring says of a study: plain data, as it is stored and served. Infinite values are `'inf'`. */
import type { PlateSummary } from './completeness.ts';
import type { DoseResponseFit } from './dose-response.ts';
import type { IcxTable } from './icx.ts';
import type { Normalisation } from './normalise.ts';
import type { Verdict } from './verdict.ts';

export interface DoseSummary {
  concentration_uM: number;
  /** Median over replicates of viability relative to vehicle. */
  viability: number;
  n: number;
  min: number;
  max: number;
}

export interface Provenance {
  scoringVersion: string;
  method: 'nvir';
  readings: { key: string; versionId: string }[];
  leftOut: { key: string; reason: string }[];
  vehicleLevels: { plate: string; median: number; n: number; pooled: boolean }[];
  pooledFallback: boolean;
  /** `name version sha256 variant` of each model that read an image. */
  modelIdentities: string[];
  preprocessingVersions: string[];
  /** ETags of the notes as they stood. */
  notes: { study?: string; exclusions?: string; maps: Record<string, string> };
  /** What viability was made relative to. */
  normalisation: Normalisation;
  /** SHA-256 of the drug reference that gave Cmax and DILI labels. */
  reference?: string;
}

export interface CompoundScore {
  compound: string;
  day: number;
  points: DoseSummary[];
  /** Raw two-parameter fit, before censoring; null when there are too few concentrations. */
  fit: DoseResponseFit | null;
  /** After censoring; null without a fit. */
  icx_uM: IcxTable | null;
  /** True when the IC50 is finite but below the lowest or above the highest tested concentration. */
  extrapolated: boolean;
  /** 0 when no dose has an accepted image. */
  lowestTested_uM: number;
  highestTested_uM: number;
  cmax_uM?: number;
  cmaxRange_uM?: readonly [number, number];
  cmaxSource?: string;
  /** IC50 / Cmax. */
  mos: number | 'inf' | null;
  /** What the result rests on: wells of the compound that day. */
  wells: { counted: number; leftOut: number };
  verdict: Verdict;
  dili: { label: 0 | 1 | null; dilirank?: string; dilist?: string };
  /** Names in the reference that may be meant, when this one is not there. */
  nearNames?: string[];
  provenance: Provenance;
}

export interface DayAuc {
  /** Labelled compounds with a margin of safety. */
  n: number;
  nPositive: number;
  /** null when a class is empty. */
  mos: number | null;
  /** The baseline that any method must beat: 1/Cmax alone. */
  exposureOnly: number | null;
  note: string;
}

export interface DayScore {
  day: number;
  provisional: boolean;
  /** Riskiest first; without a margin of safety last. */
  compounds: CompoundScore[];
  auc: DayAuc;
}

export interface StudyScores {
  study: string;
  /** By study.json, or by the files' own word. */
  simulated: boolean;
  days: DayScore[];
  plates: PlateSummary[];
  /** What a person should mend: notes that are missing or cannot be read. */
  problems: string[];
}
