/** The DILI analysis on a table of viability values, without images: for labs that have ATP plates already. */
import { analyseCurve as analyseWells, type CurveAnalysis } from './curves/analyse.ts';
import type { CurveWell } from './curves/data.ts';
import {
  type DosePoint,
  type DoseResponseFit,
  fitDoseResponse,
  MIN_CONCENTRATIONS,
  testedRange,
} from './dose-response.ts';
import { censoredIcx, type IcxTable, isExtrapolated } from './icx.ts';
import { marginOfSafety, rankable } from './margin-of-safety.ts';
import { vehicleLevels } from './normalise.ts';
import { compoundKey } from './reference.ts';
import { rocAuc } from './roc-auc.ts';
import { doseSummaries } from './score-compound.ts';
import { compareText, groupBy } from './statistics.ts';
import { type Verdict, verdictOf } from './verdict.ts';

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

export interface AnalysedCurve {
  compound: string;
  day: number;
  /** Raw fit; null below three concentrations. */
  fit: DoseResponseFit | null;
  icx_uM: IcxTable | null;
  /** True when the IC50 is finite but below the lowest or above the highest tested concentration. */
  extrapolated: boolean;
  /** 0 when no dose has a usable well. */
  lowestTested_uM: number;
  mos: number | 'inf' | null;
  verdict: Verdict;
  /** The curve that the wells support, with intervals; null without usable wells, absent when not asked for. */
  profile?: CurveAnalysis | null;
}

export interface TableAnalysis {
  curves: AnalysedCurve[];
  auc: { day: number; n: number; mos: number | null; exposureOnly: number | null }[];
  /** Plate reads without usable vehicle wells, of their own or pooled, each with the reason: their rows are left out. */
  leftOut: string[];
}

/** A row whose viability is relative to vehicle, or the reason why it cannot be. */
type NormalisedRow = ViabilityRow & { unusable?: string };

export interface AnalysisOptions {
  /** Also choose among curve models and find intervals: some milliseconds a curve. */
  intervals?: boolean;
}

/** Section 3 of the method, steps 1 to 6. A compound that is spelt in several ways is one. */
export function analyseTable(
  rows: readonly ViabilityRow[],
  facts: (compound: string) => CompoundFacts | undefined,
  isControl: (compound: string) => 'vehicle' | 'untreated' | undefined,
  { intervals = false }: AnalysisOptions = {},
): TableAnalysis {
  const { normalised, leftOut } = normaliseRows(rows, isControl);
  const vehicles = normalised.filter((row) => isControl(row.compound) === 'vehicle');
  const treated = normalised.filter((row) => isControl(row.compound) === undefined);
  const names = new Map(
    [...groupBy(treated, ({ compound }) => compoundKey(compound))].map(([key, group]) => [
      key,
      group.map(({ compound }) => compound).sort(compareText)[0] ?? '',
    ]),
  );
  const curves = [...groupBy(treated, (row) => row.day)].flatMap(([day, ofDay]) =>
    [...groupBy(ofDay, (row) => compoundKey(row.compound))].map(([key, group]) => ({
      ...analyseCurve(names.get(key) ?? key, day, group, facts(key)),
      ...(intervals ? { profile: analyseWells(curveWells(group, vehicles)) } : {}),
    })),
  );
  curves.sort((a, b) => a.day - b.day || compareText(a.compound, b.compound));
  const days = [...new Set(curves.map((curve) => curve.day))];
  return { curves, auc: days.map((day) => aucOfDay(day, curves, facts)), leftOut };
}

/** Controls are those of the same location, microscope, study and day. */
const domainOf = (row: ViabilityRow): string => [row.location, row.microscope, row.study, row.day].join('|');

function normaliseRows(
  rows: readonly ViabilityRow[],
  isControl: (compound: string) => 'vehicle' | 'untreated' | undefined,
): { normalised: NormalisedRow[]; leftOut: string[] } {
  const leftOut: string[] = [];
  const normalised = [...groupBy(rows, domainOf).values()].flatMap((ofDay) => {
    const levels = vehicleLevels(ofDay.map((row) => ({ ...row, role: isControl(row.compound) })));
    return [...groupBy(ofDay, ({ plate }) => plate)].flatMap(([plate, read]): NormalisedRow[] => {
      const level = levels.get(plate);
      if (level && level.unusable === undefined)
        return read.map((row) => ({ ...row, viability: row.viability / level.median }));
      const unusable = level?.unusable ?? 'no vehicle wells, on no plate of this day: nothing to normalise to';
      leftOut.push(`plate ${plate}, day ${read[0]?.day}: ${unusable}`);
      return read.map((row) => ({ ...row, unusable }));
    });
  });
  return { normalised, leftOut };
}

/**
 * A compound's wells with the vehicle wells behind them, each under its scale: the plate read, or the day's pool for a plate
 * without vehicle wells of its own.
 */
function curveWells(rows: readonly NormalisedRow[], vehicles: readonly NormalisedRow[]): CurveWell[] {
  const usable = rows.filter(({ unusable }) => unusable === undefined);
  const ofDay = groupBy(
    vehicles.filter(({ unusable }) => unusable === undefined),
    domainOf,
  );
  const scales = groupBy(usable, (row) => {
    const own = ofDay.get(domainOf(row))?.some(({ plate }) => plate === row.plate) ?? false;
    return own ? `${domainOf(row)}|${row.plate}` : domainOf(row);
  });
  return [...scales].flatMap(([scale, treated]) => {
    const [first] = treated;
    const pool = (first && ofDay.get(domainOf(first))) ?? [];
    const own = pool.filter(({ plate }) => plate === first?.plate);
    return [
      ...treated.map(({ concentration_uM, viability }) => ({ scale, concentration_uM, viability })),
      ...(own.length > 0 ? own : pool).map(({ viability }) => ({ scale, concentration_uM: 0, viability })),
    ];
  });
}

function analyseCurve(
  compound: string,
  day: number,
  rows: readonly NormalisedRow[],
  facts: CompoundFacts | undefined,
): AnalysedCurve {
  const usable = rows.filter(({ unusable }) => unusable === undefined);
  const points = doseSummaries(usable);
  const range = testedRange(points);
  const fit = fitDoseResponse(points);
  const icx_uM = fit && range ? censoredIcx(fit, range.highest_uM) : null;
  const cmax_uM = facts?.cmax_uM;
  return {
    compound,
    day,
    fit,
    icx_uM,
    extrapolated: icx_uM !== null && range !== undefined && isExtrapolated(icx_uM.ic50_uM, range),
    lowestTested_uM: range?.lowest_uM ?? 0,
    mos: icx_uM && cmax_uM !== undefined ? marginOfSafety(icx_uM.ic50_uM, cmax_uM) : null,
    verdict: verdictOf({ points, icx_uM, cmax_uM, provisional: false, missing: missingReason(points, rows, fit) }),
  };
}

function missingReason(
  points: readonly DosePoint[],
  rows: readonly NormalisedRow[],
  fit: DoseResponseFit | null,
): string {
  if (fit) return 'no Cmax is given for this compound';
  const refused = points.length === 0 ? rows.find(({ unusable }) => unusable !== undefined) : undefined;
  const doses = points.filter(({ concentration_uM }) => concentration_uM > 0).length;
  return refused
    ? `plate ${refused.plate}: ${refused.unusable}`
    : `${doses} concentrations; a curve needs at least ${MIN_CONCENTRATIONS}`;
}

function aucOfDay(
  day: number,
  curves: readonly AnalysedCurve[],
  facts: (compound: string) => CompoundFacts | undefined,
): TableAnalysis['auc'][number] {
  const items = curves
    .filter((curve) => curve.day === day)
    .flatMap(({ compound, mos }) => {
      const { cmax_uM, dili } = facts(compound) ?? {};
      return mos === null || cmax_uM === undefined || dili === undefined
        ? []
        : [{ mos: rankable(mos), cmax_uM, label: dili }];
    });
  return {
    day,
    n: items.length,
    mos: rocAuc(items.map(({ mos, label }) => ({ score: -mos, label }))),
    exposureOnly: rocAuc(items.map(({ cmax_uM, label }) => ({ score: cmax_uM, label }))),
  };
}
