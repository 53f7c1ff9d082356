/** The ranking: a row a compound, riskiest first, with its margin of safety on a log axis. */
import { figure } from '../console.ts';
import { verdictColour } from './colour.ts';
import type { ReportCompound } from './data.ts';
import { escapeText, line, logScale, svg, text } from './svg.ts';

const BAR_WIDTH = 230;
const AXIS: readonly [number, number] = [0.1, 10_000];
/** The conventional thresholds of the verdicts, drawn as guides. */
const GUIDES = [10, 50];

function marginBar(mos: number | 'inf' | null, colour: string): string {
  if (mos === null) return '';
  const x = logScale(AXIS, [4, BAR_WIDTH - 14]);
  const clamped = mos === 'inf' ? AXIS[1] : Math.min(AXIS[1], Math.max(AXIS[0], mos));
  const guides = GUIDES.map((guide) => line(x(guide), 0, x(guide), 18, 'guide'));
  const mark =
    mos === 'inf'
      ? text(BAR_WIDTH - 7, 13, '∞', 'tick')
      : `<circle cx="${x(clamped).toFixed(1)}" cy="9" r="4.5" fill="${colour}"/>`;
  return svg(
    BAR_WIDTH,
    18,
    `margin of safety ${figure(mos)}`,
    `${guides.join('')}${line(4, 9, x(clamped), 9, 'stem')}${mark}`,
  );
}

const diliLabel = (dili: 0 | 1 | null): string => (dili === 1 ? 'concern' : dili === 0 ? 'no concern' : '–');

export function rankingTable(compounds: readonly ReportCompound[], day: number): string {
  const rows = compounds.map((c) => {
    const colour = verdictColour(c.verdict);
    return `<tr><td class="name">${escapeText(c.compound)}</td><td class="num">${figure(c.ic50_uM)}</td><td class="num">${figure(c.trueIc50_uM)}</td><td class="num">${figure(c.cmax_uM)}</td><td class="num">${figure(c.mos)}</td><td>${marginBar(c.mos, colour)}</td><td><span class="verdict" style="--c:${colour}">${escapeText(c.verdict)}</span></td><td>${diliLabel(c.dili)}</td></tr>`;
  });
  return `<table><caption>Day ${day} · SIMULATED IMAGES · lower margin of safety = riskier</caption><thead><tr><th>compound</th><th class="num">IC50, µM</th><th class="num">true IC50, µM</th><th class="num">Cmax, µM</th><th class="num">MOS = IC50/Cmax</th><th>MOS, log scale (guides at 10 and 50)</th><th>verdict (conventions)</th><th>DILIrank</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
