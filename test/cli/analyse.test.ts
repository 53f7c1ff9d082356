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

  it('says which file cannot be read', async () => {
    await expect(
      runCommand(analyseCommand(), ['nowhere.csv', '--compounds', fixture('parity-compounds.csv')]),
    ).rejects.toThrow('nowhere.csv cannot be read');
  });
});
