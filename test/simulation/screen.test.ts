/** A screen as an instrument would write it: layout, truth, notes that the pipeline accepts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAtpFile } from '../../lambdas/domain/atp/table.ts';
import { parseImagePath } from '../../lambdas/domain/naming/naming.ts';
import { parsePlateMap, roleOf } from '../../lambdas/domain/notes/platemap.ts';
import { parseStudy } from '../../lambdas/domain/notes/study.ts';
import { DEMO_SCREEN, planScreen, trueIc50 } from '../../simulation/screen/plan.ts';
import { type WrittenScreen, writeScreen } from '../../simulation/screen/write.ts';

const SMALL = { ...DEMO_SCREEN, drugs: 2, doses: 3, plates: 1, vehicleWells: 2, untreatedWells: 1, side: 256 };

describe('the demo’s plan', () => {
  const plan = planScreen(DEMO_SCREEN);

  it('is deterministic', () => expect(planScreen(DEMO_SCREEN)).toEqual(plan));

  it('images every well of every plate on every day once', () => {
    const places = plan.images.map(({ plate, well, day }) => `${plate} ${well} ${day}`);
    expect(new Set(places).size).toBe(places.length);
    expect(places).toHaveLength(plan.wells.length * DEMO_SCREEN.days.length);
  });

  it('has drugs of both classes, each with its published IC50 as the last day’s truth', () => {
    expect(new Set(plan.drugs.map((drug) => drug.dili))).toEqual(new Set([0, 1]));
    for (const drug of plan.drugs) expect(trueIc50(drug, 7, 7)).toBe(drug.ic50_uM);
    expect(plan.drugs.find((drug) => drug.name === 'imatinib')?.ic50_uM).toBeCloseTo(9.512, 6);
  });

  it('tests most drugs around their IC50, and some too low', () => {
    const tested = plan.drugs.filter(({ ic50_uM, doses_uM }) => ic50_uM < (doses_uM.at(-1) ?? 0));
    expect(tested.length).toBeGreaterThan(plan.drugs.length / 2);
    expect(tested.length).toBeLessThan(plan.drugs.length);
  });

  it('has controls that vary by 7 to 21 %', () => {
    const values = plan.images
      .filter((image) => image.role !== 'treated' && image.day === 7 && image.plate === 'SIM-01')
      .flatMap((image) => image.viability ?? []);
    const level = values.reduce((sum, value) => sum + value, 0) / values.length;
    const cv = Math.sqrt(values.reduce((sum, value) => sum + (value - level) ** 2, 0) / (values.length - 1)) / level;
    expect(cv).toBeGreaterThan(0.03);
    expect(cv).toBeLessThan(0.25);
  });
});

describe('a written screen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvir-screen-'));
  let screen: WrittenScreen;
  beforeAll(async () => {
    screen = await writeScreen(folder, SMALL);
  });

  it('has notes that the pipeline accepts and that say SIMULATED IMAGES', () => {
    const study = parseStudy(readFileSync(join(folder, 'export', 'study.json'), 'utf8'), 'study.json');
    expect(study).toMatchObject({ simulated: true, bitDepth: 10 });
    expect(study.name).toContain('SIMULATED IMAGES');
    const map = parsePlateMap(readFileSync(join(folder, 'export', 'SIM-01', 'platemap.csv'), 'utf8'), 'platemap.csv');
    expect([...map.wells.values()].filter((entry) => roleOf(entry, study) === 'vehicle')).toHaveLength(2);
  });

  it('names every image so that its well and day are read back', () => {
    for (const [i, file] of screen.images.entries()) {
      const planned = screen.plan.images[i];
      expect(existsSync(file)).toBe(true);
      expect(parseImagePath(file.slice(join(folder, 'export', 'SIM-01').length + 1))).toMatchObject({
        well: planned?.well,
        day: planned?.day,
      });
    }
  });

  it('keeps the truth out of the export', () => {
    expect(
      readdirSync(join(folder, 'export'), { recursive: true }).filter((name) => String(name).includes('truth')),
    ).toEqual([]);
    const truth: Record<string, string>[] = parse(readFileSync(join(folder, 'truth.csv'), 'utf8'), { columns: true });
    expect(truth).toHaveLength(screen.images.length);
    expect(truth.every((row) => row['images'] === 'SIMULATED IMAGES')).toBe(true);
  });

  it('has ATP of every plate read, in proportion to the truth but for the luminometer’s noise', () => {
    const knownPlates = new Set(['SIM-01']);
    for (const day of SMALL.days) {
      const file = `SIM-01_day${day}.csv`;
      const signals = parseAtpFile(readFileSync(join(folder, 'atp', file), 'utf8'), file, { knownPlates });
      const light = new Map(signals.map((signal) => [signal.well, Number(signal.light)]));
      const living = screen.plan.images.filter((image) => image.day === day && (image.viability ?? 0) > 0.1);
      const scales = living.map(({ well, viability = 1 }) => (light.get(well) ?? 0) / viability);
      const spread = Math.max(...scales) / Math.min(...scales);
      expect(spread).toBeGreaterThan(1.01);
      expect(spread).toBeLessThan(1.5);
    }
  });

  it('has no ATP in an empty well, and some in one whose file is bad', () => {
    const byFault = new Map(screen.plan.images.map((image) => [image.fault, image.living]));
    expect(byFault.get('empty-well')).toBe(0);
    expect(byFault.get('text-file')).toBeGreaterThan(0);
  });
});
