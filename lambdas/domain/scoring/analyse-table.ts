/** The DILI analysis on a table of viability values, without images: for labs that have ATP plates already. */

import type { CurveWell } from '../curves/data.ts';
import { MIN_CONCENTRATIONS } from '../dose-response/dose-response.ts';
import type { ScoringMethod } from '../notes/study.ts';
import { aucOf, type DayAuc } from '../ranking/ranking.ts';
import { compoundKey } from '../reference.ts';
import { compareText, groupBy } from '../statistics.ts';
import { BEFORE_EFFECT, isBeforeEffect } from '../time/first-dose.ts';
import { VERDICT_THRESHOLDS } from '../verdict/thresholds.ts';
import { type Assessment, assess } from './assess.ts';
import { curveWells } from './curve-wells.ts';
import { type VehicleLevel, vehicleLevels } from './normalise.ts';

export interface ViabilityRow {
  location: string;
  microscope: string;
  study: string;
  plate: string;
  day: number;
  compound: string;
  concentration_uM: number;
  viability: number;
}

export interface CompoundFacts {
  cmax_uM?: number;
  /** 1 = DILI concern. */
  dili?: 0 | 1;
}

export interface AnalysedCurve extends Assessment {
  compound: string;
  day: number;
  cmax_uM?: number;
  dili: { label: 0 | 1 | null };
}

export interface TableAnalysis {
  curves: AnalysedCurve[];
  auc: (DayAuc & { day: number })[];
  /** Plate reads without usable vehicle wells, of their own or pooled, each with the reason: their rows are left out. */
  leftOut: string[];
}

export interface AnalysisOptions {
  /** What the verdict rests on. */
  method?: ScoringMethod;
  /** False where only the paper's fit is asked for. */
  withSupported?: boolean;
}

/** What a compound's name says of it: a control's role, or none. */
type RoleOf = (compound: string) => 'vehicle' | 'untreated' | undefined;

/** Section 3 of the method, steps 1 to 6, and beside it the curve that the wells support. A compound that is spelt in several ways is one. */
export function analyseTable(
  rows: readonly ViabilityRow[],
  facts: (compound: string) => CompoundFacts | undefined,
  isControl: RoleOf,
  options: AnalysisOptions = {},
): TableAnalysis {
  const domains = [...groupBy(rows, domainOf).values()].map((ofDay) => normalisation(ofDay, isControl));
  const treated = domains.flatMap((domain) =>
    domain.rows.filter((row) => isControl(row.compound) === undefined).map((row) => ({ row, domain })),
  );
  const curves = [...groupBy(treated, ({ row }) => `${row.day}|${compoundKey(row.compound)}`).values()].map((own) => {
    const key = compoundKey(own[0]?.row.compound ?? '');
    const spellings = treated.filter(({ row }) => compoundKey(row.compound) === key).map(({ row }) => row.compound);
    const name = [...new Set(spellings)].sort(compareText)[0] ?? key;
    return analyseCompound(name, own, facts(key), options);
  });
  curves.sort((a, b) => a.day - b.day || compareText(a.compound, b.compound));
  const days = [...new Set(curves.map((curve) => curve.day))];
  return {
    curves,
    auc: days.map((day) => ({ day, ...aucOf(curves.filter((curve) => curve.day === day)) })),
    leftOut: domains.flatMap(({ leftOut }) => leftOut),
  };
}

/** Controls are those of the same location, microscope, study and day. */
const domainOf = (row: ViabilityRow): string => [row.location, row.microscope, row.study, row.day].join('|');

interface Domain {
  name: string;
  rows: readonly ViabilityRow[];
  vehicles: readonly ViabilityRow[];
  levels: ReadonlyMap<string, VehicleLevel>;
  /** By plate, why its rows count nowhere. */
  refused: ReadonlyMap<string, string>;
  leftOut: string[];
}

function normalisation(rows: readonly ViabilityRow[], isControl: RoleOf): Domain {
  const levels = vehicleLevels(rows.map((row) => ({ ...row, role: isControl(row.compound) })));
  const refused = new Map(
    [...new Set(rows.map(({ plate }) => plate))].flatMap((plate): [string, string][] => {
      const level = levels.get(plate);
      if (level && level.unusable === undefined) return [];
      return [[plate, level?.unusable ?? 'no vehicle wells, on no plate of this day: nothing to normalise to']];
    }),
  );
  const [first] = rows;
  return {
    name: first ? domainOf(first) : '',
    rows,
    vehicles: rows.filter((row) => isControl(row.compound) === 'vehicle'),
    levels,
    refused,
    leftOut: [...refused].map(([plate, reason]) => `plate ${plate}, day ${first?.day}: ${reason}`),
  };
}

function analyseCompound(
  compound: string,
  own: readonly { row: ViabilityRow; domain: Domain }[],
  { cmax_uM, dili }: CompoundFacts = {},
  { method = 'supported', withSupported = true }: AnalysisOptions,
): AnalysedCurve {
  const wells = [...groupBy(own, ({ domain }) => domain)].flatMap(([{ name, vehicles, levels }, group]): CurveWell[] =>
    curveWells(
      group.map(({ row }) => row),
      vehicles,
      levels,
    ).map(({ borrowed, ...well }) => ({
      ...well,
      scale: `${name}|${well.scale}`,
      ...(borrowed ? { borrowed: { ...borrowed, pool: `${name}|${borrowed.pool}` } } : {}),
    })),
  );
  const exposure = cmax_uM === undefined ? {} : { cmax_uM };
  const day = own[0]?.row.day ?? 0;
  return {
    compound,
    day,
    ...exposure,
    dili: { label: dili ?? null },
    ...assess({
      wells,
      exposure,
      method,
      thresholds: VERDICT_THRESHOLDS,
      provisional: false,
      obstacle: isBeforeEffect(day) ? BEFORE_EFFECT : undefined,
      withSupported: withSupported || method === 'supported',
      missing: ({ concentrations, fit }) => {
        if (fit) return 'no Cmax is given for this compound';
        const refused = own.find(({ row, domain }) => domain.refused.has(row.plate));
        return wells.length === 0 && refused
          ? `plate ${refused.row.plate}: ${refused.domain.refused.get(refused.row.plate)}`
          : `${concentrations} concentrations; a curve needs at least ${MIN_CONCENTRATIONS}`;
      },
    }),
  };
}
