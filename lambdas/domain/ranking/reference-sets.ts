/** The reference sets on which thresholds are judged: the study's own labelled compounds, and the published ones. */

import type { Reference } from '../reference.ts';
import type { Assessment } from '../scoring/assess.ts';
import type { VerdictThresholds } from '../verdict/thresholds.ts';
import { type JudgedCompound, type OperatingPoint, operatingPoint } from './diagnostic-accuracy.ts';

export interface SetAccuracy {
  /** Which compounds, in words. */
  set: string;
  /** Labelled compounds with a margin of safety, or a limit of one. */
  n: number;
  nPositive: number;
  /** Labelled compounds of which no margin is known: left out, for unknown is not "no effect". */
  unknown: number;
  points: OperatingPoint[];
}

/** Multiples of Cmax at which calls are common in the field, beside the study's own thresholds. */
const COMMON_MARGINS = [10, 25, 50, 100];

const margins = ({ strongBelow, signalUpTo }: VerdictThresholds): number[] =>
  [...new Set([...COMMON_MARGINS, strongBelow, signalUpTo])].sort((a, b) => a - b);

function accuracyOf(
  set: string,
  compounds: readonly (JudgedCompound | undefined)[],
  thresholds: VerdictThresholds,
): SetAccuracy {
  const known = compounds.flatMap((compound) => compound ?? []);
  return {
    set,
    n: known.length,
    nPositive: known.filter(({ label }) => label === 1).length,
    unknown: compounds.length - known.length,
    points: margins(thresholds).map((mosBelow) => operatingPoint(known, mosBelow)),
  };
}

interface Labelled extends Pick<Assessment, 'verdict' | 'mos' | 'margin' | 'highestTested_uM'> {
  cmax_uM?: number;
  dili: { label: 0 | 1 | null };
}

/** By the method that the verdict rests on. */
export function studySet(day: number, compounds: readonly Labelled[], thresholds: VerdictThresholds): SetAccuracy {
  const labelled = compounds.flatMap(({ verdict, mos, margin, highestTested_uM, cmax_uM, dili }) => {
    if (dili.label === null) return [];
    const label = dili.label;
    if (verdict.method === 'supported')
      return [margin ? { label, mos: margin.mos, relation: margin.relation } : undefined];
    if (mos === null || cmax_uM === undefined) return [undefined];
    return [
      mos === 'inf'
        ? ({ label, mos: highestTested_uM / cmax_uM, relation: '>' } as const)
        : ({ label, mos, relation: '=' } as const),
    ];
  });
  return accuracyOf(`labelled compounds of this study, day ${day}`, labelled, thresholds);
}

/** Published IC50s of the reference over its Cmax; a blank is unknown. One set a source: they disagree up to tenfold. */
export function publishedSets(reference: Reference, thresholds: VerdictThresholds): SetAccuracy[] {
  const sources = [
    ...new Set(reference.compounds.flatMap(({ publishedIc50s = [] }) => publishedIc50s.map((ic50) => ic50.source))),
  ];
  return sources.sort().map((source) => {
    const compounds = reference.compounds.flatMap(({ dili: label, cmax_uM, publishedIc50s = [] }) => {
      if (label === undefined || cmax_uM === undefined) return [];
      const ic50 = publishedIc50s.find((one) => one.source === source);
      return [ic50 && { label, mos: ic50.ic50_uM / cmax_uM, relation: ic50.relation }];
    });
    return accuracyOf(`published hLiMT IC50s of ${source}`, compounds, thresholds);
  });
}
