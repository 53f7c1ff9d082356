/** The ranking: a row a compound, riskiest first, with its margin of safety on a log axis. */
import { figure } from '../console.ts';
import { supportedMargin } from '../score-words.ts';
import { verdictColour } from './colour.ts';
import type { ReportCompound } from './data.ts';
import { barEnds, goesOn, intervalBar } from './interval.ts';
import { escapeText, line, logScale, svg, text } from './svg.ts';

const BAR_WIDTH = 176;
const AXIS: readonly [number, number] = [0.2, 2000];
/** The conventional thresholds of the verdicts, drawn as guides. */
const GUIDES = [10, 50];

/** The point or limit, its interval as a bar, arrows where it is open or goes on beyond the axis. */
function marginBar({ margin, marginOfWells: wells }: ReportCompound, colour: string): string {
  if (margin === null) return '';
  const { mos, relation, low, high } = margin;
  const scale = logScale(AXIS, [8, BAR_WIDTH - 14]);
  const x = (value: number): number => scale(Math.min(AXIS[1], Math.max(AXIS[0], value)));
  const guides = GUIDES.map((guide) => line(x(guide), 0, x(guide), 18, 'guide'));
  const hasInterval = low !== null || high !== null;
  const beyond = goesOn(mos, mos, AXIS);
  // A limit beyond the axis leaves all of it open to one side.
  const ends = hasInterval
    ? goesOn(low, high, AXIS)
    : { left: beyond.left && relation !== '>', right: beyond.right && relation !== '<' };
  const opensRight = relation === '>' || ends.right;
  const opensLeft = relation === '<' || ends.left;
  const arrows = [
    ...(opensRight ? [text(BAR_WIDTH - 7, 13, '→', 'tick')] : []),
    ...(opensLeft ? [text(4, 13, '←', 'tick')] : []),
    ...(opensRight ? [line(x(mos), 9, BAR_WIDTH - 12, 9, 'stem')] : []),
    ...(opensLeft ? [line(9, 9, x(mos), 9, 'stem')] : []),
  ];
  const fill = relation === '=' ? colour : '#fff';
  const mark =
    beyond.left || beyond.right
      ? ''
      : `<circle cx="${x(mos).toFixed(1)}" cy="9" r="${hasInterval ? 2.2 : 3.5}" fill="${fill}" stroke="${colour}" stroke-width="1.5"/>`;
  const bars = hasInterval
    ? intervalBar(
        barEnds(low, high, AXIS, scale),
        wells ? barEnds(wells.low, wells.high, AXIS, scale) : undefined,
        9,
        colour,
      )
    : '';
  return svg(
    BAR_WIDTH,
    18,
    `margin of safety ${supportedMargin({ margin })}`,
    `${guides.join('')}${arrows.join('')}${bars}${mark}`,
  );
}

const diliLabel = (dili: 0 | 1 | null): string => (dili === 1 ? 'concern' : dili === 0 ? 'no concern' : '–');

export function rankingTable(compounds: readonly ReportCompound[], day: number): string {
  const rows = compounds.map((c) => {
    const colour = verdictColour(c.verdict);
    const also =
      c.couldAlsoBe.length > 0 ? `<span class="also"> or ${escapeText(c.couldAlsoBe.join(', '))}</span>` : '';
    return `<tr><td class="name">${escapeText(c.compound)}</td><td class="num">${escapeText(c.n)}</td><td class="num">${escapeText(c.ic50)}</td><td class="num">${figure(c.trueIc50_uM)}</td><td class="num">${figure(c.cmax_uM)}</td><td class="num">${escapeText(supportedMargin(c))}</td><td>${marginBar(c, colour)}</td><td><span class="verdict" style="--c:${colour}">${escapeText(c.verdict)}</span>${also}</td><td>${diliLabel(c.dili)}</td></tr>`;
  });
  return `<table><caption>Day ${day} · SIMULATED IMAGES · margin of safety MOS = IC50/Cmax: lower = riskier; n = wells of the compound that count; bars: thin the 95 % interval, thick what the wells alone say of it; verdicts are conventions</caption><thead><tr><th>compound</th><th class="num">n</th><th class="num">IC50 (95 %), µM</th><th class="num">true IC50, µM</th><th class="num">Cmax, µM</th><th class="num">MOS (95 %)</th><th>MOS, log scale (10, 50)</th><th>verdict, or by the interval</th><th>DILIrank</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
