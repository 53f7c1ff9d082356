import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { analyseCommand } from '../../cli/commands/analyse.ts';
import { runCommand } from './run-cli.ts';

const fixture = (name: string): string => join(import.meta.dirname, '..', 'domain', 'fixtures', name);
const temporary = (content: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'nvir-')), 'table.csv');
  writeFileSync(file, content);
  return file;
};

const finiteOrInfinite = z.union([z.number(), z.literal('inf')]);
const answer = z.object({
  curves: z.array(
    z.object({
      compound: z.string(),
      day: z.number(),
      ic50_uM: finiteOrInfinite,
      hill: z.number(),
      sse: z.number(),
      censored: z.record(z.string(), finiteOrInfinite),
      mos: finiteOrInfinite,
      verdict: z.string(),
    }),
  ),
  auc: z.array(z.object({ day: z.number(), n: z.number(), mos: z.number(), exposureOnly: z.number() })),
});

describe('nvir analyse', () => {
  it('gives the curve that the wells support, also for a plate without vehicle wells of its own', async () => {
    const { stdout } = await runCommand(analyseCommand(), [
      fixture('parity-readings.csv'),
      '--compounds',
      fixture('parity-compounds.csv'),
      '--json',
    ]);
    const loss = z.object({
      level: z.number(),
      concentration_uM: z.number().nullable(),
      low_uM: z.number().nullable(),
    });
    const supported = z.object({
      model: z.string(),
      wells: z.number(),
      vehicleWells: z.number(),
      losses: z.array(loss),
    });
    const curve = z.object({ compound: z.string(), day: z.number(), supported });
    const { curves } = z.object({ curves: z.array(curve) }).parse(JSON.parse(stdout));
    expect(curves).toHaveLength(72);
    // Every compound's wells come with controls: those of the plate, or the pool of the day.
    for (const { supported } of curves) expect(supported.vehicleWells).toBeGreaterThan(0);
    expect(new Set(curves.map(({ supported }) => supported.vehicleWells)).size).toBeGreaterThan(1);
    const flat = curves.find(({ compound, day }) => compound === 'procyclidine' && day === 7);
    expect(flat?.supported.losses.find(({ level }) => level === 50)?.concentration_uM).toBeNull();
  });

  it('gives every curve and AUC of the parity table as JSON', async () => {
    const { stdout, exitCode } = await runCommand(analyseCommand(), [
      fixture('parity-readings.csv'),
      '--compounds',
      fixture('parity-compounds.csv'),
      '--json',
    ]);
    const { curves, auc } = answer.parse(JSON.parse(stdout));
    expect(exitCode).toBe(0);
    expect(curves).toHaveLength(72);
    expect(auc.map(({ day, n }) => [day, n])).toEqual([
      [3, 24],
      [5, 24],
      [7, 24],
    ]);
    expect(Object.keys(curves[0]?.censored ?? {})).toEqual([
      'ic10_uM',
      'ic15_uM',
      'ic20_uM',
      'ic25_uM',
      'ic30_uM',
      'ic40_uM',
      'ic50_uM',
    ]);
    const amiodarone = curves.find((curve) => curve.compound === 'amiodarone' && curve.day === 3);
    expect(amiodarone?.ic50_uM).toBeCloseTo(85.102, 2);
  });

  it('prints a ranking a day for people', async () => {
    const { stdout } = await runCommand(analyseCommand(), [
      fixture('parity-readings.csv'),
      '--compounds',
      fixture('parity-compounds.csv'),
    ]);
    expect(stdout).toContain('Day 7');
    expect(stdout).toContain('exposure only (1/Cmax)');
    expect(stdout).not.toMatch(/\bsafe\b/);
  });

  it.each([
    ['plate,day,compound,concentration_uM,viability\nP1,7,x,1,much', 'row 2: viability is not a number'],
    ['plate,day,compound,concentration_uM\nP1,7,x,1', 'viability is missing'],
    [
      'plate,day,compound,concentration_uM,viability\nP1,7,x,"1,000",1',
      'row 2: concentration_uM is not a number (1,000)',
    ],
    ['plate,day,compound,concentration_uM,viability\nP1,7,x,-1,1', 'row 2: concentration_uM is negative'],
    ['plate,day,compound,concentration_uM,viability\n', 'holds no rows'],
    ['plate,day,compound,concentration_uM,viability\n"P1,7', 'is not CSV'],
  ])('names the file, the row and the remedy: %j', async (content, message) => {
    const run = runCommand(analyseCommand(), [temporary(content), '--compounds', fixture('parity-compounds.csv')]);
    await expect(run).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/.{10,}/),
    });
  });

  it.each([
    ['compound,cmax_uM,dili\nx,Infinity,1', 'row 2: cmax_uM is not a number (Infinity)'],
    ['compound,cmax_uM,dili\nx,0,1', 'row 2: cmax_uM is not a positive number'],
    ['compound,cmax_uM,dili\nx,"1,000",1', 'row 2: cmax_uM is not a number (1,000)'],
    ['compound,cmax_uM,dili\ndrug-a,1,1\nDrug A,2,1', 'Drug A stands twice'],
  ])('takes no Cmax that is none: %j', async (compounds, message) => {
    const run = runCommand(analyseCommand(), [fixture('parity-readings.csv'), '--compounds', temporary(compounds)]);
    await expect(run).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining(message) });
  });

  /** One plate: two vehicle wells, an untreated one, a compound at three doses. */
  const plate = (lines: readonly string[], vehicle = 'dmso', level = 1): string =>
    [
      'plate,day,compound,concentration_uM,viability',
      ...[1, 2].map(() => `P1,7,${vehicle},0,${level}`),
      'P1,7,medium,0,1',
    ]
      .concat(lines.map((line) => `P1,7,${line}`))
      .join('\n');
  const analyse = async (readings: string, compounds = 'compound,cmax_uM,dili\nx,1,1\n', ...more: string[]) => {
    const args = [temporary(readings), '--compounds', temporary(compounds), '--json', ...more];
    const { stdout, exitCode } = await runCommand(analyseCommand(), args);
    return { exitCode, ...JSON.parse(stdout) };
  };
  const CURVE = ['x,1,1', 'x,10,0.5', 'x,100,0.1'];

  it('reads decimal commas where semicolons separate the columns', async () => {
    const german = plate(['x,0.5,1', 'x,10,0.5', 'x,100,0.1']).replaceAll(',', ';').replaceAll('.', ',');
    const { curves } = await analyse(german, 'compound;cmax_uM;dili\nx;0,5;1\n');
    expect(curves[0].mos).toBeCloseTo(2 * curves[0].ic50_uM, 6);
    expect(curves[0].ic50_uM).toBeCloseTo(10, 0);
  });

  it('ends with 1 and says what was left out when no well is of the vehicle that was named', async () => {
    const answered = await analyse(plate(CURVE), undefined, '--vehicle', 'DMS0');
    expect(answered.exitCode).toBe(1);
    expect(answered.leftOut).toEqual([
      'plate P1, day 7: no vehicle wells, on no plate of this day: nothing to normalise to',
    ]);
    for (const { verdict, ic50_uM } of answered.curves) expect([verdict, ic50_uM]).toEqual(['unknown', null]);
  });

  it('normalises nothing to dead vehicle wells', async () => {
    const answered = await analyse(plate(['x,1,0.04', 'x,10,0.04', 'x,100,0.04'], 'dmso', 0.04));
    expect(answered.exitCode).toBe(1);
    expect(answered.leftOut.join()).toContain('plate P1, day 7: the vehicle wells read a viability of 0.04');
    expect(answered.curves).toMatchObject([
      { compound: 'x', verdict: 'unknown', reason: expect.stringContaining('the vehicle wells read') },
    ]);
  });

  it('takes spellings that differ in case and hyphens as one compound', async () => {
    const { curves } = await analyse(
      plate(['Drug-X,1,1', 'drug x,10,0.5', 'DRUGX,100,0.1', 'DRUGX,1000,0.01']),
      'compound,cmax_uM,dili\ndrugx,1,1\n',
    );
    expect(curves).toMatchObject([{ compound: 'DRUGX', verdict: 'signal' }]);
  });

  it.each([
    ['below', ['x,1,0.02', 'x,10,0.02', 'x,100,0.02'], '< the lowest tested concentration (1 µM)'],
    ['above', ['x,1,1', 'x,10,0.8', 'x,100,0.6'], 'beyond the highest tested concentration (100 µM)'],
  ])('says that an IC50 lies %s the tested concentrations', async (_side, lines, reason) => {
    const { curves, exitCode } = await analyse(plate(lines), undefined, '--method', 'nvir');
    expect(curves).toMatchObject([{ extrapolated: true, reason: expect.stringContaining(reason) }]);
    expect(exitCode).toBe(0);
  });

  it('rests the verdict on the curve by default, and on the paper’s fit when asked', async () => {
    const few = plate(CURVE);
    const [byCurve, byPaper] = [await analyse(few), await analyse(few, undefined, '--method', 'nvir')];
    expect(byCurve.curves).toMatchObject([
      {
        method: 'supported',
        verdict: 'unknown',
        reason: expect.stringContaining('5 wells, controls included, are too few'),
      },
    ]);
    expect(byPaper.curves).toMatchObject([{ method: 'nvir', verdict: 'signal', supported: null }]);
    expect(byCurve.curves[0].ic50_uM).toBe(byPaper.curves[0].ic50_uM);
  });

  it('says which file is not there', async () => {
    await expect(
      runCommand(analyseCommand(), ['nowhere.csv', '--compounds', fixture('parity-compounds.csv')]),
    ).rejects.toThrow('nowhere.csv is not there');
  });
});
