import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { planCommand } from '../../cli/commands/plan.ts';
import { UserError } from '../../cli/console.ts';
import { sharedHalfWidth90At } from '../../simulation/misread.ts';
import { runCommand } from './run-cli.ts';

const FEW = ['--runs', '20', '--seed', '3'];
const share = z.number().min(0).max(1);
const overall = z.object({ right: share, wrong: share, intervalFold: z.number().nullable() });
const answer = z.object({
  design: z.object({
    sharedHalfWidths90: z.array(z.number()),
    wells: z.number(),
    compounds: z.number(),
    doses_uM: z.array(z.number()),
    cmax_uM: z.number(),
  }),
  outcomes: z.array(
    z.object({
      mos: z.union([z.number(), z.literal('none')]),
      runs: z.number(),
      called: z.record(z.string(), share),
      right: share,
      wrong: share,
      intervalFold: z.number().nullable(),
      intervalFoldOfWells: z.number().nullable(),
    }),
  ),
  overall,
  variants: z.array(z.object({ change: z.string(), moreWells: z.number(), overall })),
  advice: z.object({ most: z.string(), bestValue: z.string() }).nullable(),
});

const planned = async (...args: string[]) =>
  answer.parse(JSON.parse((await runCommand(planCommand(), [...args, ...FEW, '--json'])).stdout));

describe('nvir plan', () => {
  it('says what intervals and calls a layout gives, and what else the wells could do', async () => {
    const { design, outcomes, variants, advice } = await planned('--top', '100');
    expect(design).toMatchObject({ wells: 78, compounds: 3, cmax_uM: 1 });
    expect(design.doses_uM).toHaveLength(8);
    expect(outcomes.map(({ mos }) => mos)).toEqual([10, 25, 50, 'none']);
    for (const { runs, called } of outcomes) {
      expect(runs).toBe(20);
      expect(Object.values(called).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    }
    expect(variants.map(({ change }) => change)).toContain('one more replicate of each dose');
    if (advice) expect(variants.map(({ change }) => change)).toContain(advice.most);
  });

  it('takes other margins, plates and doses', async () => {
    const { design, outcomes } = await planned(
      ...['--top', '30', '--cmax', '0.5', '--format', '384', '--doses', '10', '--replicates', '2', '--mos', '5,40'],
    );
    expect(design).toMatchObject({ compounds: 18, cmax_uM: 0.5 });
    expect(outcomes.map(({ mos }) => mos)).toEqual([5, 40, 'none']);
  });

  it('prints the same twice: a sentence, what is simulated and what is not', async () => {
    const { stdout } = await runCommand(planCommand(), ['--top', '100', ...FEW]);
    expect(stdout).toContain('SIMULATED');
    expect(stdout).toMatch(/As planned, the 95 % interval of an IC50 is .*-fold wide/);
    expect(stdout).toContain('not donors');
    expect(stdout).toContain('model error ± 0.16 (90 %, at one half)');
    expect((await runCommand(planCommand(), ['--top', '100', ...FEW])).stdout).toBe(stdout);
  });

  it('counts with the error that the shipped model states, another one, or none', async () => {
    const shipped = (await planned('--top', '100')).design.sharedHalfWidths90;
    expect(shipped.map((value) => Number(value.toFixed(2)))).toEqual([0.17, 0.12, 0.16, 0.12, 0.02]);
    const half = (await planned('--top', '100', '--model-error', '0.08')).design.sharedHalfWidths90;
    expect(half[2]).toBeCloseTo(0.08);
    expect(half[0]).toBeCloseTo(((shipped[0] ?? 0) * 0.08) / (shipped[2] ?? 1));
    const { design, outcomes } = await planned('--top', '100', '--model-error', '0');
    expect(design.sharedHalfWidths90).toEqual([]);
    for (const { intervalFold, intervalFoldOfWells } of outcomes) expect(intervalFoldOfWells).toBe(intervalFold);
  });

  it('counts with the error that another model states, and with none where it states none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nvir-plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const plan = async (model: object, ...more: string[]) => {
      writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
      return (await planned('--top', '100', '--model', folder, ...more)).design.sharedHalfWidths90;
    };
    const calibration = { spreadAtKnots: [0.1, 0.2], scale: 2, sharedAtKnots: [0.5, 0.25] };
    expect(await plan({ calibration })).toEqual([0.1, 0.1]);
    expect(await plan({ calibration: { spreadAtKnots: [0.1], scale: 2 } })).toEqual([]);
    await expect(plan({}, '--model-error', '0.1')).rejects.toThrow(UserError);
    await expect(plan({ calibration: 3 })).rejects.toThrow(UserError);
    for (const sharedAtKnots of [[0.5], [0.5, 0.25, 0.25], []])
      await expect(plan({ calibration: { ...calibration, sharedAtKnots } })).rejects.toThrow('of one length');
    await expect(planned('--top', '100', '--model', join(folder, 'nowhere'))).rejects.toThrow(UserError);
  });

  it.each([
    // A slope above 1 stretches what the model shares; one below 1 does not narrow it (model-container/nvir/recalibrate.py).
    { slope: 1.5, intercept: -0.25, factor: 1.5 },
    { slope: 0.5, intercept: 0.25, factor: 1 },
  ])('counts with the error of a recalibrated model where its line moves it: slope $slope', async (of) => {
    const { slope, intercept, factor } = of;
    const folder = mkdtempSync(join(tmpdir(), 'nvir-plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // As `recalibrate` writes it: the calibration is the former model's.
    const calibration = { spreadAtKnots: [0.1, 0.3, 0.1], scale: 1, sharedAtKnots: [1, 1, 1] };
    const line = { slope: { value: slope }, intercept: { value: intercept } };
    writeFileSync(
      join(folder, 'model.json'),
      JSON.stringify({ recalibrationOf: { calibration }, recalibration: { line } }),
    );
    const { sharedHalfWidths90 } = (await planned('--top', '100', '--model', folder)).design;
    for (const former of [0.25, 0.5, 0.75])
      expect(sharedHalfWidth90At(sharedHalfWidths90, intercept + slope * former)).toBeCloseTo(
        factor * sharedHalfWidth90At([0.1, 0.3, 0.1], former),
      );
  });

  it('says at its head whose error it counts with, or that it counts with none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nvir-plan-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ calibration: { spreadAtKnots: [0.1], scale: 2 } }));
    const head = async (...args: string[]) =>
      (await runCommand(planCommand(), ['--top', '100', ...FEW, ...args])).stdout.split('\n')[1];
    expect(await head()).toContain('model error ± 0.16 (90 %, at one half)');
    expect(await head('--model', folder)).toContain('NO MODEL ERROR, for this model states none that wells share');
    expect(await head('--model-error', '0')).toContain('measured by ATP');
  });

  it.each([
    [['--top', '20', '--cmax', '1'], /20 × Cmax/],
    [['--top', '100', '--compounds', '5'], /the plate has 96/],
    [['--top', '100', '--vehicle', '0'], /without vehicle wells/],
    [['--top', '100', '--format', '100'], /no plate of 100 wells/],
  ])('refuses %j before it simulates', async (args, message) => {
    const run = runCommand(planCommand(), args);
    await expect(run).rejects.toThrow(UserError);
    await expect(run).rejects.toThrow(message);
  });
});
