/** What many simulated runs of one design say together. */
import { mean, median } from '../statistics.ts';
import { CALLS, type Call, type Judged, rightCalls } from './call.ts';

export interface Outcome {
  /** True margin of safety; `'none'`: the compound loses nothing. */
  mos: number | 'none';
  trueIc50_uM: number | null;
  runs: number;
  /** Share of runs that were called so. */
  called: Record<Call, number>;
  right: number;
  /** A loss where there is none, "no loss seen" where there is one, or another strength of signal. "unknown" is not wrong. */
  wrong: number;
  /** Median of the interval's upper by its lower end; null when half or more are open. */
  intervalFold: number | null;
  /** The same of what wells and controls alone leave. */
  intervalFoldOfWells: number | null;
  /** Share of runs whose interval is open on a side. */
  open: number;
}

export function outcomeOf(mos: number | 'none', cmax_uM: number, compounds: readonly Judged[]): Outcome {
  const share = (of: (judged: Judged) => boolean): number => compounds.filter(of).length / compounds.length;
  const right = rightCalls(mos);
  const medianFold = (of: (judged: Judged) => Ends): number | null => {
    const fold = median(compounds.map((judged) => foldOf(of(judged))));
    return Number.isFinite(fold) ? fold : null;
  };
  return {
    mos,
    trueIc50_uM: mos === 'none' ? null : mos * cmax_uM,
    runs: compounds.length,
    called: Object.fromEntries(CALLS.map((call) => [call, share((judged) => judged.call === call)])) as Record<
      Call,
      number
    >,
    right: share(({ call }) => right.includes(call)),
    wrong: share(({ call }) => call !== 'unknown' && !right.includes(call)),
    intervalFold: medianFold((judged) => judged),
    intervalFoldOfWells: medianFold(({ ofWells }) => ofWells),
    open: share((judged) => !Number.isFinite(foldOf(judged))),
  };
}

type Ends = Judged['ofWells'];

const foldOf = ({ low_uM, high_uM }: Ends): number =>
  low_uM === null || high_uM === null ? Number.POSITIVE_INFINITY : high_uM / low_uM;

export interface Overall {
  right: number;
  wrong: number;
  /** Geometric mean over the margins of the median folds; null when one is open. */
  intervalFold: number | null;
}

/** Each margin of safety counts the same, "no loss" like one of them. */
export function overallOf(outcomes: readonly Outcome[]): Overall {
  const folds = outcomes
    .filter(({ mos }) => mos !== 'none')
    .map(({ intervalFold }) => intervalFold ?? Number.POSITIVE_INFINITY);
  const fold = Math.exp(mean(folds.map(Math.log)));
  return {
    right: mean(outcomes.map(({ right }) => right)),
    wrong: mean(outcomes.map(({ wrong }) => wrong)),
    intervalFold: Number.isFinite(fold) ? fold : null,
  };
}
