import { describe, expect, it } from 'vitest';
import { figure, figureFrom, table } from '../../cli/console.ts';
import { meanAbsoluteError, rSquared } from '../../cli/demo/accuracy.ts';
import { type DemoCompound, withinTwofold } from '../../cli/demo/summary.ts';
import type { ReportCompound, ReportData } from '../../cli/report/data.ts';
import { reportPage } from '../../cli/report/page.ts';
import { rankingTable } from '../../cli/report/ranking.ts';

const DATA: ReportData = {
  study: '<demo> & co',
  microscope: 'm',
  rankingDay: 7,
  days: [3, 7],
  plates: [
    {
      plate: 'P',
      rows: 2,
      columns: 3,
      days: [
        {
          day: 7,
          wells: [
            { row: 0, column: 0, name: 'A01', role: 'vehicle', viability: 1, state: 'read' },
            {
              row: 0,
              column: 1,
              name: 'A02',
              role: 'treated',
              compound: 'x',
              concentration_uM: 1,
              viability: null,
              state: 'rejected',
            },
          ],
        },
      ],
    },
  ],
  compounds: [
    {
      compound: 'x',
      curves: [
        {
          day: 7,
          points: [
            { concentration_uM: 1, viability: 0.9 },
            { concentration_uM: 10, viability: 0.2 },
          ],
          supported: {
            curve: { upper: 1, lower: 0, middle_uM: 4, hill: 1 },
            ic50: { uM: 4, low_uM: 2, high_uM: null, wells: { low_uM: 3, high_uM: 6 } },
          },
          fit: { ic50_uM: 4, hill: 1 },
        },
      ],
      onset: 'onset day 7',
      delayed: 'delayed toxicity: <finding>',
      n: '10 (2 left out)',
      ic50: '4 (2 to ?)',
      margin: { mos: 4, relation: '=', low: 2, high: null },
      marginOfWells: { low: 3, high: 6 },
      trueIc50_uM: 5,
      cmax_uM: null,
      verdict: 'strong signal',
      couldAlsoBe: ['weak <signal>'],
      dili: null,
    },
  ],
  accuracy: { r2: 0.9, mae: 0.05, pairs: [{ truth: 1, predicted: 0.9 }] },
  auc: { supported: null, exposureOnly: null, n: 0 },
  books: { images: 2, readings: 1, rejected: 1, missing: 0, absentWells: 0 },
  speed: { seconds: 1, imagesPerSecond: 2 },
  model: 'nvir',
  examples: [],
};

describe('the report', () => {
  const page = reportPage(DATA);

  it('says SIMULATED IMAGES in its title, its banner and its table', () =>
    expect(page.match(/SIMULATED IMAGES/g)?.length).toBeGreaterThanOrEqual(3));
  it('escapes names', () => expect(page).toContain('&lt;demo&gt; &amp; co'));
  it('draws the supported curve, the interval of its IC50 and the paper’s fit', () => {
    for (const name of ['curve', 'interval', 'paper']) expect(page).toContain(`class="${name}" d="M`);
  });
  it('draws what the wells alone say within the whole of each interval, and one bar where nothing else is in it', () => {
    const barsOf = (html: string) =>
      [...html.matchAll(/<path class="(whole|interval)" d="M([\d.]+),[\d.]+L([\d.]+),/g)].map(([, name, from, to]) => ({
        name,
        from: Number(from),
        to: Number(to),
      }));
    const bars = barsOf(page);
    expect(bars.map(({ name }) => name)).toEqual(['interval', 'whole', 'interval', 'whole']);
    for (const at of [0, 2]) {
      expect(bars[at + 1]?.from).toBeLessThan(bars[at]?.from ?? 0);
      expect(bars[at + 1]?.to).toBeGreaterThan(bars[at]?.to ?? 1e9);
    }
    // The whole is open above, and has a stop only below.
    expect(page.match(/class="stop"/g)).toHaveLength(2);
    const alone = DATA.compounds.map((one) => ({
      ...one,
      marginOfWells: null,
      curves: one.curves.map((curve) => ({
        ...curve,
        supported: curve.supported && { ...curve.supported, ic50: { ...curve.supported.ic50, wells: null } },
      })),
    }));
    expect(barsOf(reportPage({ ...DATA, compounds: alone })).map(({ name }) => name)).toEqual(['interval', 'interval']);
  });
  describe('of a margin that reaches beyond the axis (0.2 to 2000)', () => {
    const [compound] = DATA.compounds;
    const drawn = (
      margin: { mos: number; low: number | null; high: number | null; relation?: string },
      wells: object | null,
    ) => {
      const row = { ...compound, margin: { relation: '=', ...margin }, marginOfWells: wells };
      const html = rankingTable([row as ReportCompound], 7);
      return {
        ends: [...html.matchAll(/<path class="(whole|interval)" d="M([\d.]+),[\d.]+L([\d.]+),/g)].map(
          ([, name, from, to]) => `${name} ${Number(to) > Number(from) ? 'drawn' : 'of no length'}`,
        ),
        stops: html.match(/class="stop"/g)?.length ?? 0,
        arrows: html.match(/[←→]/g)?.join('') ?? '',
        marks: html.match(/<circle/g)?.length ?? 0,
      };
    };
    it.each([
      ['on the right', { mos: 900, low: 300, high: 9000 }, { low: 500, high: 4000 }, 1, '→', 1],
      ['on the left', { mos: 1, low: 0.01, high: 10 }, { low: 0.1, high: 4 }, 1, '←', 1],
      ['on both sides', { mos: 1, low: 0.01, high: 9000 }, { low: 0.5, high: 4 }, 0, '→←', 1],
    ])('draws what is cut off as open, without a stop: %s', (_, margin, wells, stops, arrows, marks) => {
      expect(drawn(margin, wells)).toEqual({ ends: ['interval drawn', 'whole drawn'], stops, arrows, marks });
    });
    it('draws no bar of what lies wholly beyond, and an arrow to it', () => {
      const beyond = { low: 2500, high: 4000 };
      const within = { mos: 900, low: 300, high: 9000 };
      expect(drawn(within, beyond)).toEqual({ ends: ['whole drawn'], stops: 1, arrows: '→', marks: 1 });
      expect(drawn({ mos: 3000, ...beyond }, null)).toEqual({ ends: [], stops: 0, arrows: '→', marks: 0 });
    });
    it.each([
      ['<', 5000, '←'],
      ['>', 0.1, '→'],
      ['=', 5000, '→'],
    ])('points from a limit beyond it to where the margin lies: %s %d', (relation, mos, arrows) =>
      expect(drawn({ mos, low: null, high: null, relation }, null)).toMatchObject({ arrows, marks: 0 }),
    );
    it('draws a stop where the interval ends within', () =>
      expect(drawn({ mos: 20, low: 10, high: 40 }, { low: 15, high: 30 })).toMatchObject({ stops: 2, arrows: '' }));
  });
  it('marks delayed toxicity, with the finding', () => {
    expect(page).toContain('onset day 7 · delayed');
    expect(page).toContain('delayed toxicity: &lt;finding&gt;');
  });
  it('says how many wells each result rests on', () => expect(page).toContain('<td class="num">10 (2 left out)</td>'));
  it('says what the interval leaves open', () => expect(page).toContain('or weak &lt;signal&gt;'));
  it('fetches nothing', () => expect(page).not.toMatch(/<script|<link|src="http|href="http|@import|url\(/));
  it('draws no NaN', () => expect(page).not.toMatch(/NaN|undefined|Infinity/));
});

describe('accuracy', () => {
  it('is 1 and 0 for perfect readings, and 0 for the mean', () => {
    const truth = [0, 0.5, 1];
    expect(rSquared(truth.map((t) => ({ truth: t, predicted: t })))).toBe(1);
    expect(rSquared(truth.map((t) => ({ truth: t, predicted: 0.5 })))).toBe(0);
    expect(meanAbsoluteError(truth.map((t) => ({ truth: t, predicted: t + 0.1 })))).toBeCloseTo(0.1, 12);
  });

  it('counts IC50s within twofold among drugs whose truth was tested', () => {
    const row = (ic50_uM: number | 'inf', truthInTestedRange = true): DemoCompound => ({
      compound: 'x',
      day: 7,
      ic50_uM,
      supportedIc50_uM: ic50_uM === 4.9 ? 5.1 : null,
      supportedIc50Low_uM: null,
      supportedIc50High_uM: ic50_uM === 5 ? 9 : null,
      trueIc50_uM: 10,
      truthInTestedRange,
      cmax_uM: 1,
      mos: 1,
      verdict: '',
      couldAlsoBe: [],
    });
    expect(withinTwofold([row(5), row(20), row(4.9), row('inf'), row(10, false)])).toEqual({
      paper: 2,
      supported: 1,
      inInterval: 3,
      of: 4,
    });
  });
});

describe('figures for people', () => {
  it.each([
    [0.000123, '0.000123'],
    [1234.5, '1235'],
    [12.34, '12.3'],
    ['inf', '∞'],
    [null, '–'],
    [undefined, '–'],
    [0, '0'],
    [2e9, '2.00e+9'],
  ] as const)('%s is %s', (value, text) => expect(figure(value)).toBe(text));

  it('says no more of an IC50 below the doses than that it lies there', () => {
    expect(figureFrom(0.5, 1e-100)).toBe('< 0.5');
    expect(figureFrom(0.5, 0.5)).toBe('0.5');
    expect(figureFrom(0.5, 'inf')).toBe('∞');
    expect(figureFrom(0.5, null)).toBe('–');
  });

  it('stand in aligned columns', () => {
    expect(
      table(
        [
          { title: 'a', value: (row: string) => row },
          { title: 'n', value: () => '7', align: 'right' },
        ],
        ['long', 'x'],
      ),
    ).toBe('a     n\n────  ─\nlong  7\nx     7');
  });
});
