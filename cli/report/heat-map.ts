/** A plate read as the eye knows it: wells in their places, dead ones dark, rejected ones crossed, absent ones hollow. */
import { viabilityColour } from './colour.ts';
import type { ReportPlate, ReportWell } from './data.ts';
import { escapeText, svg, text } from './svg.ts';

const WELL = 13;
const MARGIN = 18;

const rowName = (row: number): string =>
  row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(65 + row - 26)}`;

export function heatMap(plate: ReportPlate, day: number, wells: readonly ReportWell[]): string {
  const width = MARGIN + plate.columns * WELL + 4;
  const height = MARGIN + 16 + plate.rows * WELL + 4;
  const top = MARGIN + 16;
  const rows = Array.from({ length: plate.rows }, (_, r) =>
    text(MARGIN - 4, top + r * WELL + 10, rowName(r), 'tick', 'end'),
  );
  const columns = Array.from({ length: plate.columns }, (_, c) =>
    text(MARGIN + c * WELL + WELL / 2, top - 4, String(c + 1), 'tick tiny'),
  );
  return svg(
    width,
    height,
    `Plate ${plate.plate}, day ${day}`,
    [
      text(MARGIN, 12, `${plate.plate} · day ${day}`, 'title', 'start'),
      ...rows,
      ...columns,
      ...wells.map((well) => wellMark(well, top)),
    ].join(''),
  );
}

function wellMark(well: ReportWell, top: number): string {
  const cx = MARGIN + well.column * WELL + WELL / 2;
  const cy = top + well.row * WELL + WELL / 2;
  const label = [
    well.name,
    well.role,
    well.compound ? `${well.compound} ${well.concentration_uM ?? ''} µM` : '',
    well.viability === null ? well.state : `viability ${well.viability.toFixed(2)}`,
  ]
    .filter(Boolean)
    .join(', ');
  const fill = well.viability === null ? 'none' : viabilityColour(well.viability);
  const ring = well.role === 'vehicle' ? 'well vehicle' : well.role === 'untreated' ? 'well untreated' : 'well';
  const cross = well.state === 'rejected' ? `<path class="cross" d="M${cx - 4},${cy - 4}l8,8m0,-8l-8,8"/>` : '';
  return `<g><title>${escapeText(label)}</title><circle class="${ring}${well.viability === null ? ' hollow' : ''}" cx="${cx}" cy="${cy}" r="5.2" fill="${fill}"/>${cross}</g>`;
}
