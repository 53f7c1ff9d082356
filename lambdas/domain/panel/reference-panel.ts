/**
 * The in-house reference panel: compounds with a known answer that are dosed in every study, so that a drift of cells, doses
 * or model shows where it can be known.
 */
import { significant } from '../statistics.ts';
import { lossAt, type SupportedCurve } from '../supported/curve.ts';

export interface PanelResult {
  /** IC50 that study.json expects, lowest and highest; null when it says none. */
  expected_uM: readonly [number, number] | null;
  /** By the supported curve; null where it is a limit or there is no curve. */
  ic50_uM: number | null;
  /** `unknown`: no curve, no expected range, or a limit that does not decide. */
  state: 'within' | 'below' | 'above' | 'unknown';
}

export function panelResult(
  supported: SupportedCurve | null,
  tested: { lowest_uM: number; highest_uM: number },
  expected_uM: readonly [number, number] | null,
): PanelResult {
  const half = lossAt(supported, 50);
  const ic50_uM = half?.concentration_uM ?? null;
  return { expected_uM, ic50_uM, state: expected_uM === null ? 'unknown' : stateOf() };

  function stateOf(): PanelResult['state'] {
    const [low = 0, high = 0] = expected_uM ?? [];
    if (ic50_uM !== null) return ic50_uM < low ? 'below' : ic50_uM > high ? 'above' : 'within';
    if (half?.beyond === 'above highest tested' && tested.highest_uM >= high) return 'above';
    return half?.beyond === 'below lowest tested' && tested.lowest_uM <= low ? 'below' : 'unknown';
  }
}

/** What a person should look into; undefined where a reference compound is as expected, or nothing is known. */
export function panelProblem(compound: string, day: number, { state, expected_uM }: PanelResult): string | undefined {
  if (expected_uM === null || (state !== 'below' && state !== 'above')) return undefined;
  return `reference compound ${compound}, day ${day}: its IC50 lies ${state} the expected ${expected_uM.map(significant).join(' to ')} µM. Look at doses, cells and controls of this study before its other results are used.`;
}
