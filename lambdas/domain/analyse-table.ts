/** The DILI analysis on a table of viability values, without images: for labs that have ATP plates already. */
import { type DoseResponseFit, fitDoseResponse } from './dose-response.ts';
import { censoredIcx, type IcxTable } from './icx.ts';
import { marginOfSafety, rankable } from './margin-of-safety.ts';
import { rocAuc } from './roc-auc.ts';
import { doseSummaries } from './score-compound.ts';
import { compareText, groupBy, median } from './statistics.ts';
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
  mos: number | 'inf' | null;
  verdict: Verdict;
}

export interface TableAnalysis {
  curves: AnalysedCurve[];
  auc: { day: number; n: number; mos: number | null; exposureOnly: number | null }[];
  /** Plate reads without vehicle wells of their own or pooled: their rows are left out. */
  leftOut: string[];
}

/** Section 3 of the method, steps 1 to 6. */
export function analyseTable(
  rows: readonly ViabilityRow[],
  facts: (compound: string) => CompoundFacts | undefined,
  isControl: (compound: string) => 'vehicle' | 'untreated' | undefined,
): TableAnalysis {
  const { normalised, leftOut } = normaliseRows(rows, (compound) => isControl(compound) === 'vehicle');
  const treated = normalised.filter((row) => isControl(row.compound) === undefined);
  const curves = [...groupBy(treated, (row) => `${String(row.day).padStart(8, '0')}|${row.compound}`)]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, group]) =>
      group[0] ? [analyseCurve(group[0].compound, group[0].day, group, facts(group[0].compound))] : [],
    );
  const days = [...new Set(curves.map((curve) => curve.day))];
  return { curves, auc: days.map((day) => aucOfDay(day, curves, facts)), leftOut };
}

function normaliseRows(
  rows: readonly ViabilityRow[],
  isVehicle: (compound: string) => boolean,
): { normalised: ViabilityRow[]; leftOut: string[] } {
  const domain = (row: ViabilityRow): string => [row.location, row.microscope, row.study, row.day].join('|');
  const pools = groupBy(
    rows.filter((row) => isVehicle(row.compound)),
    domain,
  );
  const reads = groupBy(rows, (row) => `${domain(row)}|${row.plate}`);
  const leftOut: string[] = [];
  const normalised = [...reads.values()].flatMap((read) => {
    const own = read.filter((row) => isVehicle(row.compound));
    const first = read[0];
    const vehicles = own.length > 0 ? own : first ? (pools.get(domain(first)) ?? []) : [];
    const level = vehicles.length > 0 ? median(vehicles.map((row) => row.viability)) : 0;
    if (level > 0) return read.map((row) => ({ ...row, viability: row.viability / level }));
    leftOut.push(`plate ${first?.plate}, day ${first?.day}: no usable vehicle wells, on no plate of this day`);
    return [];
  });
  return { normalised, leftOut };
}

function analyseCurve(
  compound: string,
  day: number,
  rows: readonly ViabilityRow[],
  facts: CompoundFacts | undefined,
): AnalysedCurve {
  const points = doseSummaries(rows);
  const highestTested_uM = Math.max(...points.map((point) => point.concentration_uM));
  const fit = fitDoseResponse(points);
  const icx_uM = fit ? censoredIcx(fit, highestTested_uM) : null;
  const cmax_uM = facts?.cmax_uM;
  const mos = icx_uM && cmax_uM !== undefined ? marginOfSafety(icx_uM.ic50_uM, cmax_uM) : null;
  const missing = fit
    ? 'no Cmax is given for this compound'
    : `${points.length} concentrations; a curve needs at least 3`;
  return {
    compound,
    day,
    fit,
    icx_uM,
    mos,
    verdict: verdictOf({ mos, cmax_uM, highestTested_uM, provisional: false, missing }),
  };
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
