/** Whether image and ATP agree that half of the viability or more is lost. */
import { wilson } from '../ranking/diagnostic-accuracy.ts';
import { groupBy, mean, median } from '../statistics.ts';
import { LOSS_CALL_BELOW } from './criteria.ts';
import { type Estimate, plateJackknife } from './intervals.ts';
import { type BridgeWell, platesOf } from './wells.ts';

export interface CallTable {
  /** Wells, or doses of a compound. */
  n: number;
  bothLoss: number;
  bothNone: number;
  /** ATP says loss, the image does not: what a screen would miss. */
  missed: number;
  /** The image says loss, ATP does not. */
  raised: number;
}

export interface Agreement {
  wells: CallTable;
  /** Medians over replicates of each study, day, compound and dose; undefined where the wells do not say these. */
  doses: CallTable | undefined;
  /** Of the wells; the wider of Wilson's interval and one over plates. */
  share: Estimate;
}

/** What no wells say of a share. */
const NOTHING: Estimate = { value: Number.NaN, low: 0, high: 1 };

export function agreementOf(wells: readonly BridgeWell[]): Agreement {
  const table = callTable(wells);
  const { value, low, high } = wilson(table.bothLoss + table.bothNone, table.n) ?? NOTHING;
  const byPlate = plateJackknife(platesOf(wells), (some) => mean(some.map((well) => (agrees(well) ? 1 : 0))));
  const share = {
    value,
    low: Math.max(0, Math.min(low, byPlate.low)),
    high: Math.min(1, Math.max(high, byPlate.high)),
  };
  return { wells: table, doses: callTableOfDoses(wells), share };
}

type Pair = Pick<BridgeWell, 'predicted' | 'label'>;

const agrees = ({ predicted, label }: Pair): boolean => predicted < LOSS_CALL_BELOW === label < LOSS_CALL_BELOW;

function callTable(pairs: readonly Pair[]): CallTable {
  const count = (predicted: boolean, label: boolean): number =>
    pairs.filter((pair) => pair.predicted < LOSS_CALL_BELOW === predicted && pair.label < LOSS_CALL_BELOW === label)
      .length;
  return {
    n: pairs.length,
    bothLoss: count(true, true),
    bothNone: count(false, false),
    missed: count(false, true),
    raised: count(true, false),
  };
}

function callTableOfDoses(wells: readonly BridgeWell[]): CallTable | undefined {
  const dosed = wells.filter(({ compound, concentration_uM = 0 }) => compound !== undefined && concentration_uM > 0);
  if (dosed.length === 0) return undefined;
  const groups = groupBy(dosed, ({ study, day, compound, concentration_uM }) =>
    JSON.stringify([study, day, compound, concentration_uM]),
  );
  return callTable(
    [...groups.values()].map((group) => ({
      predicted: median(group.map(({ predicted }) => predicted)),
      label: median(group.map(({ label }) => label)),
    })),
  );
}
