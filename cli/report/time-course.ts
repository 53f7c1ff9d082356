/** One compound's viability over the days, a line a concentration: what only a non-destructive reading can show. */
import { ramp } from './colour.ts';
import type { ReportCompound } from './data.ts';
import { dot, escapeText, line, linearScale, path, svg, text } from './svg.ts';

const WIDTH = 244;
const HEIGHT = 150;
const LEFT = 30;
const RIGHT = WIDTH - 12;
const TOP = 24;
const BOTTOM = HEIGHT - 28;

export function timeCoursePanel(compound: ReportCompound, days: readonly number[]): string {
  const first = Math.min(...days);
  const last = Math.max(...days);
  const x = linearScale([first - 0.2, last + 0.2], [LEFT, RIGHT]);
  const y = linearScale([0, 1.3], [BOTTOM, TOP]);
  const doses = [...new Set(compound.curves.flatMap((curve) => curve.points.map((p) => p.concentration_uM)))].sort(
    (a, b) => a - b,
  );

  const lines = doses.map((dose, i) => {
    // Low doses pale, high doses dark: the eye follows the dose down.
    const colour = ramp(0.92 - 0.92 * (doses.length === 1 ? 1 : i / (doses.length - 1)));
    const points = compound.curves.flatMap((curve) => {
      const point = curve.points.find((p) => p.concentration_uM === dose);
      return point ? [[x(curve.day), y(Math.min(1.3, Math.max(0, point.viability)))] as const] : [];
    });
    return path(points, 'course', colour) + points.map(([px, py]) => dot(px, py, 2, colour, `${dose} µM`)).join('');
  });
  const grid = [0, 0.5, 1].map(
    (v) =>
      line(LEFT, y(v), RIGHT, y(v), v === 0.5 ? 'half' : 'grid') + text(LEFT - 4, y(v) + 3, String(v), 'tick', 'end'),
  );
  const ticks = days.map((day) => text(x(day), BOTTOM + 12, String(day), 'tick'));
  return svg(
    WIDTH,
    HEIGHT,
    `Time course of ${compound.compound}`,
    [
      text(LEFT, 13, compound.compound, 'title', 'start'),
      text(RIGHT, 13, compound.onset + (compound.delayed === null ? '' : ' · delayed'), 'tick', 'end'),
      compound.delayed === null ? '' : `<title>${escapeText(compound.delayed)}</title>`,
      ...grid,
      ...ticks,
      text((LEFT + RIGHT) / 2, HEIGHT - 3, 'day after first dosing', 'tick'),
      ...lines,
    ].join(''),
  );
}
