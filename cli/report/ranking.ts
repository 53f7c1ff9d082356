/** The ranking: a row a compound, riskiest first, with its margin of safety on a log axis. */
import { figure } from '../console.ts';
import { supportedMargin } from '../score-words.ts';
import { verdictColour } from './colour.ts';
import type { ReportCompound } from './data.ts';
import { escapeText, line, logScale, svg, text } from './svg.ts';

const BAR_WIDTH = 170;
const AXIS: readonly [number, number] = [0.1, 10_000];
/** The conventional thresholds of the verdicts, drawn as guides. */
const GUIDES = [10, 50];

type ReportMargin = ReportCompound['margin'];

/** The point or limit, its interval as a bar, arrows where it is open. */
function marginBar(margin: ReportMargin, colour: string): string {
  if (margin === null) return '';
  const { mos, relation, low, high } = margin;
  const scale = logScale(AXIS, [8, BAR_WIDTH - 14]);
  const x = (value: number): number => scale(Math.min(AXIS[1], Math.max(AXIS[0], value)));
  const guides = GUIDES.map((guide) => line(x(guide), 0, x(guide), 18, 'guide'));
  const hasInterval = low !== null || high !== null;
  const [from, to] = hasInterval ? [x(low ?? AXIS[0]), x(high ?? AXIS[1])] : [x(mos), x(mos)];
  const right = relation === '>' || (hasInterval && high === null);
  const left = relation === '<' || (hasInterval && low === null);
  const arrows = [
    ...(right ? [text(BAR_WIDTH - 7, 13, '→', 'tick')] : []),
    ...(left ? [text(4, 13, '←', 'tick')] : []),
    ...(right ? [line(x(mos), 9, BAR_WIDTH - 12, 9, 'stem')] : []),
    ...(left ? [line(9, 9, x(mos), 9, 'stem')] : []),
  ];
  const fill = relation === '=' ? colour : '#fff';
  const mark = `<circle cx="${x(mos).toFixed(1)}" cy="9" r="4" fill="${fill}" stroke="${colour}" stroke-width="1.5"/>`;
  const bar = `<path d="M${from.toFixed(1)},9L${to.toFixed(1)},9" stroke="${colour}" stroke-width="2.5" fill="none"/>`;
  return svg(
    BAR_WIDTH,
    18,
    `margin of safety ${supportedMargin({ margin })}`,
    `${guides.join('')}${arrows.join('')}${bar}${mark}`,
  );
}

const diliLabel = (dili: 0 | 1 | null): string => (dili === 1 ? 'concern' : dili === 0 ? 'no concern' : '–');

export function rankingTable(compounds: readonly ReportCompound[], day: number): string {
  const rows = compounds.map((c) => {
    const colour = verdictColour(c.verdict);
    const also =
      c.couldAlsoBe.length > 0 ? `<span class="also"> or ${escapeText(c.couldAlsoBe.join(', '))}</span>` : '';
    return `<tr><td class="name">${escapeText(c.compound)}</td><td class="num">${escapeText(c.n)}</td><td class="num">${escapeText(c.ic50)}</td><td class="num">${figure(c.trueIc50_uM)}</td><td class="num">${figure(c.cmax_uM)}</td><td class="num">${escapeText(supportedMargin(c))}</td><td>${marginBar(c.margin, colour)}</td><td><span class="verdict" style="--c:${colour}">${escapeText(c.verdict)}</span>${also}</td><td>${diliLabel(c.dili)}</td></tr>`;
  });
  return `<table><caption>Day ${day} · SIMULATED IMAGES · margin of safety MOS = IC50/Cmax: lower = riskier; n = wells of the compound that count; verdicts are conventions</caption><thead><tr><th>compound</th><th class="num">n</th><th class="num">IC50 (95 %), µM</th><th class="num">true IC50, µM</th><th class="num">Cmax, µM</th><th class="num">MOS (95 %)</th><th>MOS, log scale (10, 50)</th><th>verdict, or by the interval</th><th>DILIrank</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
