/** `nvir dataset` on simulated plates: the whole way from exports and luminometer files to what Python trains from. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { datasetCommand } from '../../cli/commands/dataset.ts';
import { median } from '../../lambdas/domain/statistics.ts';
import { prepareImage } from '../../lambdas/imaging/index.ts';
import { DEMO_SCREEN } from '../../simulation/screen/plan.ts';
import { writeScreen } from '../../simulation/screen/write.ts';
import { runCommand } from './run-cli.ts';

const SMALL = {
  ...DEMO_SCREEN,
  drugs: 2,
  doses: 3,
  plates: 1,
  days: [7],
  vehicleWells: 2,
  untreatedWells: 3,
  side: 256,
};
const STUDIES = ['lab-1', 'lab-2', 'lab-3'];
const folder = mkdtempSync(join(tmpdir(), 'nvir-dataset-'));
const exports = join(folder, 'exports');
const screens = STUDIES.map((study, i) => ({ ...SMALL, study, seed: 40 + i, dosedOn: `2026-0${i + 1}-05` }));
const atpOf = (study: string): string => join(folder, study, 'atp', 'SIM-01_day7.csv');

beforeAll(async () => {
  for (const screen of screens) {
    await writeScreen(join(folder, screen.study), screen);
    cpSync(join(folder, screen.study, 'export'), join(exports, screen.study), { recursive: true });
  }
});

const make = (out: string, ...more: string[]) =>
  runCommand(datasetCommand(), [
    exports,
    '--atp',
    ...STUDIES.map(atpOf),
    '--out',
    join(folder, out),
    '--json',
    ...more,
  ]);
const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(join(folder, file), 'utf8'), { columns: true });

describe('a labelled set', () => {
  let report: {
    labelled: number;
    splits: { split: string; images: number; studies: string[] }[];
    dropped: { reason: string }[];
  };
  beforeAll(async () => {
    report = JSON.parse((await make('set')).stdout);
  });

  it('has the pipeline’s own input for every row, bit for bit', async () => {
    const rows = rowsOf('set/index.csv');
    const npy = readFileSync(join(folder, 'set', 'images.npy'));
    const header = 10 + npy.readUInt16LE(8);
    expect(npy.subarray(10, header).toString('latin1')).toContain(`'shape': (${rows.length}, 256, 256)`);
    expect(npy).toHaveLength(header + rows.length * 65_536);
    for (const [i, row] of rows.entries()) {
      const file = join(exports, row['study'] ?? '', row['plate'] ?? '', row['image'] ?? '');
      const { input } = await prepareImage(readFileSync(file), { declaredBitDepth: 10 });
      const at = header + i * 65_536;
      expect(npy.subarray(at, at + 65_536).equals(input)).toBe(true);
    }
  });

  it('labels every well near its true viability over that of the untreated wells', () => {
    const truth = new Map(
      STUDIES.flatMap((study) => rowsOf(`${study}/truth.csv`).map((row) => [`${study} ${row['well']}`, row] as const)),
    );
    for (const study of STUDIES) {
      const controls = [...truth.values()].filter((row) => row['study'] === study && row['role'] === 'untreated');
      const level = median(controls.map((row) => Number(row['viability'])));
      for (const row of rowsOf('set/index.csv').filter((each) => each['study'] === study)) {
        const expected = Number(truth.get(`${study} ${row['well']}`)?.['viability']) / level;
        const label = Number(row['atp_rlu']) / Number(row['atp_control_rlu']);
        // Luminometer noise of 5 % on the well and on its control.
        expect(Math.abs(label - expected)).toBeLessThan(0.25 * expected + 0.01);
        expect(row).toMatchObject({ viability_true: '', mechanism: 'simulation', control: 'untreated', day: '7' });
      }
    }
  });

  it('splits by dosing in time and holds the last study out', () => {
    expect(report.splits.map(({ split, studies }) => [split, studies])).toEqual([
      ['train', ['lab-1']],
      ['validation', ['lab-2']],
      ['test', ['lab-3']],
    ]);
    expect(rowsOf('set/index.csv').map((row) => row['row'])).toEqual(
      Array.from({ length: report.labelled }, (_, i) => `${i}`),
    );
  });

  it('accounts for every image: in the index once, or dropped with its reason', () => {
    const [index, dropped] = [rowsOf('set/index.csv'), rowsOf('set/dropped.csv')];
    const images = STUDIES.flatMap((study) =>
      readdirSync(join(exports, study), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.tif'))
        .map((name) => `${study}/${name}`),
    );
    const told = [...index, ...dropped].map((row) => `${row['study']}/${row['plate']}/${row['image']}`);
    expect(told.sort()).toEqual(images.sort());
    // An empty well, a cut file and a text file in each of three studies.
    expect(dropped.map((row) => row['reason']).sort()).toEqual([
      ...Array.from({ length: 3 }, () => 'lost-spheroid'),
      ...Array.from({ length: 6 }, () => 'rejected'),
    ]);
    expect(report.dropped.map(({ reason }) => reason)).toEqual(['lost-spheroid', 'rejected']);
    expect(readdirSync(join(folder, 'set')).sort()).toEqual(['dropped.csv', 'images.npy', 'index.csv']);
  });

  it('is the same again, and is not written over unless asked', async () => {
    await expect(make('set')).rejects.toThrow('holds a labelled set');
    await make('again');
    for (const file of ['images.npy', 'index.csv', 'dropped.csv'])
      expect(readFileSync(join(folder, 'again', file)).equals(readFileSync(join(folder, 'set', file)))).toBe(true);
    await expect(make('again', '--replace', '--test-studies', 'lab-9')).rejects.toThrow(
      'no labelled image is of study lab-9',
    );
    expect(existsSync(join(folder, 'again', 'index.csv'))).toBe(true);
    await make('again', '--replace', '--test-studies', 'lab-1');
    expect(rowsOf('again/index.csv').map((row) => row['split'])).toContain('test');
  });
});

describe('what cannot be right', () => {
  const long = (lines: readonly string[]): string => {
    const file = join(mkdtempSync(join(folder, 'atp-')), 'atp.csv');
    writeFileSync(file, ['study,plate,well,day,atp_rlu', ...lines].join('\n'));
    return file;
  };
  const refuse = (atp: string, ...more: string[]) =>
    runCommand(datasetCommand(), [exports, '--atp', atp, '--out', join(folder, 'none'), ...more]);

  it.each([
    [['lab-1,SIM-1,C03,7,5'], 'no plate of study lab-1 is called SIM-1', 'Is it SIM-01?'],
    [
      ['lab-1,SIM-01,C03,7,5', 'lab-1,SIM-01,c3,7,6'],
      'well C03 of plate SIM-01, day 7, has two values',
      'A1, a01 and A01',
    ],
    [['lab-1,SIM-01,C03,8,5'], 'no image of plate SIM-01 is of day 8', 'firstDosing'],
    [['lab-1,SIM-01,C03,7,5'], 'imaged wells have no ATP', '--mismatch'],
  ])('is refused before anything is written: %j', async (lines, message, remedy) => {
    await expect(refuse(long(lines))).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
    expect(existsSync(join(folder, 'none', 'index.csv'))).toBe(false);
  });

  it('also where studies share a plate’s name, or are not there', async () => {
    const file = join(mkdtempSync(join(folder, 'atp-')), 'SIM-01_day7.csv');
    writeFileSync(file, readFileSync(atpOf('lab-1'), 'utf8').replace(/^Study.*\n/m, ''));
    await expect(refuse(file)).rejects.toThrow('plate SIM-01 is in the studies lab-1 and lab-2 and lab-3');
    await expect(runCommand(datasetCommand(), [folder, '--atp', file, '--out', join(folder, 'none')])).rejects.toThrow(
      'holds no study',
    );
  });
});

it('labels no well that a person took out, and says of which plates it knows nothing', async () => {
  const study = join(folder, 'taken', 'lab-1');
  cpSync(join(exports, 'lab-1'), study, { recursive: true });
  const wells = rowsOf('set/index.csv').filter((row) => row['study'] === 'lab-1' && row['role'] === 'treated');
  const well = wells[0]?.['well'] ?? '';
  const csv = (rows: string): void =>
    writeFileSync(join(study, 'exclusions.csv'), `plate,well,day,action,name,reason,at\n${rows}`);
  const args = [join(folder, 'taken'), '--atp', atpOf('lab-1'), '--out', join(folder, 'without'), '--json'];
  const options = ['--unseen', wells[0]?.['microscope'] ?? ''];
  csv(`SIM-01,${well},,,Ada,"a fibre, across",\nSIM-1,B02,,,Ada,typo,\n`);
  const { stdout } = await runCommand(datasetCommand(), [...args, ...options]);
  expect(JSON.parse(stdout).notes).toContain('exclusions.csv names plates that the exports do not have: lab-1/SIM-1');
  expect(rowsOf('without/index.csv').map((row) => row['well'])).not.toContain(well);
  expect(rowsOf('without/dropped.csv').filter((row) => row['reason'] === 'excluded')).toMatchObject([
    { well, detail: 'excluded by Ada: a fibre, across' },
  ]);
  csv(`SIM-01,${well},,,,no name,\n`);
  await expect(runCommand(datasetCommand(), [...args, '--replace'])).rejects.toThrow(
    'lab-1/exclusions.csv, row 2: says no name',
  );
});

it('takes a study by a name of its own', async () => {
  const places = STUDIES.map((study) => `${study}=${join(folder, study, 'export')}`);
  const args = [...places, '--atp', ...STUDIES.map(atpOf), '--out', join(folder, 'named'), '--json'];
  await runCommand(datasetCommand(), args);
  expect(rowsOf('named/index.csv')).toEqual(rowsOf('set/index.csv'));
});
