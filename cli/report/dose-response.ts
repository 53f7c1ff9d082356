/** One compound's dose-response over the days, its true IC50 and its Cmax. */
import { supportedViability } from '../../lambdas/domain/supported/curve.ts';
import { dayColour } from './colour.ts';
import type { ReportCompound, ReportCurve } from './data.ts';
import { barEnds, intervalBar } from './interval.ts';
import { decades, dot, line, linearScale, logScale, path, svg, text, tickLabel } from './svg.ts';

const WIDTH = 244;
const HEIGHT = 180;
const LEFT = 30;
const RIGHT = WIDTH - 8;
const TOP = 26;
const BOTTOM = HEIGHT - 30;
const TOP_VIABILITY = 1.3;
const STEPS = 60;
/** Pixels between the intervals of two days. */
const DAY_STEP = 8;

export function doseResponsePanel(compound: ReportCompound, days: readonly number[]): string {
  const tested = compound.curves.flatMap((curve) => curve.points.map((point) => point.concentration_uM));
  const marks = compound.cmax_uM === null ? [] : [compound.cmax_uM];
  const low = Math.min(...tested, ...marks) / 1.5;
  const high = Math.max(...tested, ...marks) * 1.5;
  const x = logScale([low, high], [LEFT, RIGHT]);
  const y = linearScale([0, TOP_VIABILITY], [BOTTOM, TOP]);
  const inside = (value: number): boolean => value >= low && value <= high;

  const grid = [0, 0.5, 1].map(
    (v) =>
      line(LEFT, y(v), RIGHT, y(v), v === 0.5 ? 'half' : 'grid') + text(LEFT - 4, y(v) + 3, String(v), 'tick', 'end'),
  );
  const ticks = decades([low, high]).map(
    (c) => line(x(c), BOTTOM, x(c), BOTTOM + 3, 'axis') + text(x(c), BOTTOM + 13, tickLabel(c), 'tick'),
  );
  const truth = inside(compound.trueIc50_uM)
    ? line(x(compound.trueIc50_uM), TOP, x(compound.trueIc50_uM), BOTTOM, 'truth')
    : text(RIGHT, TOP - 2, `true IC50 ${tickLabel(compound.trueIc50_uM)} µM: not in the tested range`, 'tick', 'end');
  const cmax =
    compound.cmax_uM === null
      ? ''
      : `<path class="cmax" d="M${x(compound.cmax_uM) - 4},${BOTTOM} l4,-7 l4,7 z"><title>Cmax ${compound.cmax_uM} µM</title></path>`;

  const curves = compound.curves.map((curve) => {
    const colour = dayColour(days.indexOf(curve.day), days.length);
    const points = curve.points.map((p) =>
      dot(
        x(p.concentration_uM),
        y(Math.min(TOP_VIABILITY, Math.max(0, p.viability))),
        2.6,
        colour,
        `day ${curve.day}, ${p.concentration_uM} µM: ${p.viability.toFixed(2)}`,
      ),
    );
    const down = DAY_STEP * (days.indexOf(curve.day) - (days.length - 1) / 2);
    const lines = curvesOf(curve, [Math.min(...tested), Math.max(...tested)], x, y, colour, down);
    return lines + points.join('');
  });
  return svg(
    WIDTH,
    HEIGHT,
    `Dose-response of ${compound.compound}`,
    [
      text(LEFT, 13, compound.compound, 'title', 'start'),
      ...grid,
      ...ticks,
      text((LEFT + RIGHT) / 2, HEIGHT - 3, 'concentration, µM', 'tick'),
      truth,
      cmax,
      ...curves,
    ].join(''),
  );
}

/**
 * The paper's fit thin and dotted, the supported curve over it, and the interval of its IC50 at one half.
 *
 * @param down pixels by which the interval lies below one half, so that those of several days are told apart
 */
function curvesOf(
  { fit, supported }: ReportCurve,
  [from, to]: readonly [number, number],
  x: (c: number) => number,
  y: (v: number) => number,
  colour: string,
  down: number,
): string {
  const drawn = (viability: (concentration_uM: number) => number, className: string): string => {
    const points = Array.from({ length: STEPS + 1 }, (_, i): [number, number] => {
      const concentration = from * (to / from) ** (i / STEPS);
      return [x(concentration), y(Math.min(TOP_VIABILITY, viability(concentration)))];
    });
    return path(points, className, colour);
  };
  const paper = fit ? drawn((c) => 1 / (1 + (c / fit.ic50_uM) ** fit.hill), 'paper') : '';
  if (!supported) return paper;
  const { uM, low_uM, high_uM, wells } = supported.ic50;
  const ends = (low: number | null, high: number | null) => barEnds(low, high, [from, to], x);
  const ofWells = wells ? ends(wells.low_uM, wells.high_uM) : undefined;
  const interval = uM === null ? '' : intervalBar(ends(low_uM, high_uM), ofWells, y(0.5) + down, colour);
  return paper + drawn((c) => supportedViability(supported, c), 'curve') + interval;
}
