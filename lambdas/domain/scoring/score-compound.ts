/** One compound on one day: from normalised wells to curves, margin of safety and verdict, with what is known of the drug. */

import type { CurveWell } from '../curves/data.ts';
import { type DoseResponseFit, MIN_CONCENTRATIONS } from '../dose-response/dose-response.ts';
import type { ScoringMethod, Study } from '../notes/study.ts';
import { panelResult } from '../panel/reference-panel.ts';
import { compoundKey, type Reference } from '../reference.ts';
import { BEFORE_EFFECT, isBeforeEffect } from '../time/first-dose.ts';
import type { Exposure } from '../verdict/margin-of-safety.ts';
import { thresholdsOf } from '../verdict/thresholds.ts';
import { statementOf } from '../verdict/verdict-statement.ts';
import { assess } from './assess.ts';
import type { CompoundScore, Provenance } from './scores.ts';

export interface CompoundInput {
  compound: string;
  day: number;
  /** Treated wells with the vehicle wells that they were normalised to. */
  wells: readonly CurveWell[];
  /** Plate reads that are normalised to vehicle wells of others. */
  borrowing?: readonly string[];
  /** That read its wells. */
  models?: number;
  /** Wells of the compound that were read and do not count. */
  wellsLeftOut: number;
  notes: Study | undefined;
  reference: Reference;
  provisional: boolean;
  /** True when its wells have the role `reference`. */
  isReference?: boolean;
  provenance: Provenance;
  /** Why nothing can be said, known before any fit. */
  obstacle?: string;
}

/** Without notes nothing is chosen: the default holds. */
export const methodOf = (notes: Study | undefined): ScoringMethod => notes?.method ?? 'supported';

export function scoreCompound(input: CompoundInput): CompoundScore {
  const { compound, day, wells, notes, reference, provisional, provenance } = input;
  const obstacle = input.obstacle ?? (isBeforeEffect(day) ? BEFORE_EFFECT : undefined);
  const known = reference.find(compound);
  const { nearNames, ...exposure } = exposureOf(compound, notes, reference);
  const assessed = assess({
    wells,
    exposure,
    method: methodOf(notes),
    thresholds: thresholdsOf(notes?.thresholds),
    provisional,
    obstacle,
    missing: (what) => missingReason(what, nearNames),
  });
  const expected = ownValue(notes?.referencePanel, compound) ?? null;
  const tested = { lowest_uM: assessed.lowestTested_uM, highest_uM: assessed.highestTested_uM };
  const isPanel = input.isReference === true || expected !== null;
  const score = { compound, day, ...(notes?.donor === undefined ? {} : { donor: notes.donor }), ...assessed };
  return {
    ...score,
    ...exposure,
    ...(nearNames ? { nearNames } : {}),
    wells: {
      counted: wells.filter(({ concentration_uM }) => concentration_uM > 0).length,
      leftOut: input.wellsLeftOut,
    },
    ...(isPanel ? { panel: panelResult(assessed.supported, tested, expected) } : {}),
    statement: statementOf({
      ...score,
      borrowing: input.borrowing ?? [],
      models: input.models ?? 0,
      borrowed: wells.find(({ borrowed }) => borrowed)?.borrowed,
    }),
    dili: {
      label: known?.dili ?? null,
      ...(known?.dilirank ? { dilirank: known.dilirank } : {}),
      ...(known?.dilist ? { dilist: known.dilist } : {}),
    },
    provenance,
  };
}

/** What study.json gives for a compound, however it is spelt there. */
function ownValue<T>(values: Readonly<Record<string, T>> | undefined, compound: string): T | undefined {
  const key = compoundKey(compound);
  return Object.entries(values ?? {}).find(([name]) => compoundKey(name) === key)?.[1];
}

/** The study's own Cmax wins over the reference; a fraction unbound is the study's alone. */
function exposureOf(
  compound: string,
  notes: Study | undefined,
  reference: Reference,
): Exposure & { nearNames?: string[] } {
  const fractionUnbound = ownValue(notes?.fractionUnbound, compound);
  const unbound = fractionUnbound === undefined ? {} : { fractionUnbound };
  const cmax_uM = ownValue(notes?.cmax_uM, compound);
  if (cmax_uM !== undefined) return { cmax_uM, cmaxSource: 'study.json', ...unbound };
  const known = reference.find(compound);
  if (!known) return { nearNames: reference.near(compound), ...unbound };
  return {
    ...(known.cmax_uM === undefined ? {} : { cmax_uM: known.cmax_uM }),
    ...(known.cmaxRange_uM ? { cmaxRange_uM: known.cmaxRange_uM } : {}),
    ...(known.cmaxSource ? { cmaxSource: known.cmaxSource } : {}),
    ...unbound,
  };
}

function missingReason(
  { concentrations, fit }: { concentrations: number; fit: DoseResponseFit | null },
  nearNames: readonly string[] | undefined,
): string {
  if (!fit)
    return `${concentrations} concentrations with an accepted image; a curve needs at least ${MIN_CONCENTRATIONS}`;
  const near = nearNames && nearNames.length > 0 ? `; near names: ${nearNames.join(', ')}` : '';
  return `no Cmax is known under this name${near}; give one as cmax_uM in study.json`;
}
