/** Predicted against true viability, an image a dot. Only a simulation can draw this. */
import type { ReportData } from './data.ts';
import { line, linearScale, svg, text } from './svg.ts';

const SIZE = 270;
const LEFT = 34;
const BOTTOM = SIZE - 34;

export function accuracyPanel({ pairs, r2, mae }: ReportData['accuracy']): string {
  const x = linearScale([0, 1.3], [LEFT, SIZE - 8]);
  const y = linearScale([0, 1.3], [BOTTOM, 10]);
  const ticks = [0, 0.5, 1].map(
    (v) =>
      text(x(v), BOTTOM + 13, String(v), 'tick') +
      text(LEFT - 5, y(v) + 3, String(v), 'tick', 'end') +
      line(LEFT, y(v), SIZE - 8, y(v), 'grid'),
  );
  const dots = pairs.map(
    (pair) =>
      `<circle class="pair" cx="${x(pair.truth).toFixed(1)}" cy="${y(Math.min(1.3, Math.max(0, pair.predicted))).toFixed(1)}" r="2"/>`,
  );
  return svg(
    SIZE,
    SIZE,
    'Predicted against true viability',
    [
      ...ticks,
      line(x(0), y(0), x(1.3), y(1.3), 'half'),
      ...dots,
      text((LEFT + SIZE) / 2, SIZE - 4, 'true viability (simulated)', 'tick'),
      `<g transform="rotate(-90 10 ${SIZE / 2})">${text(10, SIZE / 2, 'viability read by NViR', 'tick')}</g>`,
      text(LEFT + 8, 22, `R² ${r2.toFixed(3)}   MAE ${mae.toFixed(3)}   n ${pairs.length}`, 'title', 'start'),
    ].join(''),
  );
}
