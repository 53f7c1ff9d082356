/** What scoring says of a study: plain data, as it is stored and served. Infinite values are `'inf'`. */

import type { ScoringMethod } from '../notes/study.ts';
import type { PanelResult } from '../panel/reference-panel.ts';
import type { DayAuc } from '../ranking/ranking.ts';
import type { SetAccuracy } from '../ranking/reference-sets.ts';
import type { PlateSummary } from '../reads/completeness.ts';
import type { CompoundCourse } from '../time/compound-course.ts';
import type { Exposure } from '../verdict/margin-of-safety.ts';
import type { VerdictThresholds } from '../verdict/thresholds.ts';
import type { Assessment } from './assess.ts';
import type { Normalisation } from './normalise.ts';
import type { PlateModel } from './several-models.ts';

export interface UsedReading {
  key: string;
  versionId: string;
  /** Of the object's bytes. */
  sha256?: string;
  well: string;
  /** `day-0`: what the well's own viability was divided by. */
  role: 'treated' | 'vehicle' | 'day-0';
  /** Of a treated well. */
  concentration_uM?: number;
  /** As the model reads it, before normalisation. */
  viability: number;
}

export interface Provenance {
  scoringVersion: string;
  /** What the verdict rests on. */
  method: ScoringMethod;
  /** Of the verdict, as they were used. */
  thresholds: VerdictThresholds;
  /** Every image that counted, down to its pixels: object, version, and the SHA-256 of its bytes. */
  readings: UsedReading[];
  leftOut: { key: string; reason: string }[];
  /** What the compound's wells were divided by: the control set. */
  vehicleLevels: { plate: string; median: number; n: number; pooled: boolean }[];
  pooledFallback: boolean;
  /** `name version sha256 variant` of each model that read an image. */
  modelIdentities: string[];
  /** Where several models read the compound's own wells: which plate each of them read. */
  models?: PlateModel[];
  preprocessingVersions: string[];
  /** ETags of the notes as they stood. */
  notes: { study?: string; exclusions?: string; maps: Record<string, string> };
  /** What viability was made relative to. */
  normalisation: Normalisation;
  /** SHA-256 of the drug reference that gave Cmax and DILI labels. */
  reference?: string;
}

export interface CompoundScore extends Assessment, Exposure {
  compound: string;
  day: number;
  /** By study.json. */
  donor?: string;
  /** What the result rests on: wells of the compound that day. */
  wells: { counted: number; leftOut: number };
  /** Of a compound of the in-house reference panel: whether it is as expected. */
  panel?: PanelResult;
  /** The verdict as a sentence that can stand alone. */
  statement: string;
  dili: { label: 0 | 1 | null; dilirank?: string; dilist?: string };
  /** Names in the reference that may be meant, when this one is not there. */
  nearNames?: string[];
  provenance: Provenance;
}

export interface DayScore {
  day: number;
  provisional: boolean;
  /** Riskiest first; without a margin of safety last. */
  compounds: CompoundScore[];
  /** Compounds of these that are unknown while images of theirs, or of their vehicle wells, are of several models: not stored, for it passes. */
  unsettled: string[];
  auc: DayAuc;
  /** What each threshold does on the labelled compounds of the day, and on published sets. */
  accuracy: SetAccuracy[];
}

export interface StudyScores {
  study: string;
  /** By study.json, or by the files' own word. */
  simulated: boolean;
  days: DayScore[];
  /** Each compound over the days, by name. */
  courses: CompoundCourse[];
  plates: PlateSummary[];
  /** What a person should mend: notes that are missing or cannot be read. */
  problems: string[];
}
