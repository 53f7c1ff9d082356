/** `nvir bridge`: tables and labelled sets in, verdict, offer and record out. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bridgeCommand } from '../../cli/commands/bridge.ts';
import { UserError } from '../../cli/console.ts';
import { loadShippedModel } from '../../cli/model.ts';
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { normal, seededRandom } from '../../simulation/random.ts';
import { renderWell } from '../../simulation/render/index.ts';
import { npyHeader } from '../../simulation/training/npy.ts';
import { writeTinyModel } from '../local/engine/tiny-model.ts';
import { runCommand } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'nvir-bridge-'));
const shipped = join(import.meta.dirname, '..', '..', 'model-container', 'model');
const HEADER = 'study,plate,well,day,compound,concentration_uM,viability_image,viability_atp';

const closeTo = (value: number): number => Number(value.toPrecision(9));

let files = 0;
const file = (lines: readonly string[], header = HEADER): string => {
  files += 1;
  const path = join(folder, `labelled-${files}.csv`);
  writeFileSync(path, [header, ...lines].join('\n'));
  return path;
};

/** Five plates of 24 wells; the image reads `shift` too high. */
function lines(shift = 0, plates = 5): string[] {
  const random = seededRandom(5);
  return Array.from({ length: plates }, (_, p) =>
    Array.from({ length: 24 }, (_, i) => {
      const predicted = random() + shift;
      const atp = predicted - shift + 0.06 * normal(random);
      const well = `${String.fromCharCode(65 + (i % 8))}${1 + (i >> 3)}`;
      return `s,P${p},${well},7,drug${i >> 1},10,${predicted.toFixed(4)},${atp.toFixed(4)}`;
    }),
  ).flat();
}

const run = async (...args: string[]) => {
  const { stdout, exitCode } = await runCommand(bridgeCommand(), [...args, '--json']);
  return { exitCode, ...JSON.parse(stdout) };
};

describe('of a table', () => {
  it('says that a model holds, or does not, and ends accordingly', async () => {
    expect(await run(file(lines()))).toMatchObject({ exitCode: 0, verdict: 'holds', wells: 120, plates: 5 });
    expect(await run(file(lines(0.3)))).toMatchObject({
      exitCode: 1,
      verdict: 'does not hold',
      recalibration: { offered: true, recalibration: { intercept: { value: expect.closeTo(-0.3, 1) } } },
    });
    expect(await run(file(lines(0, 2)))).toMatchObject({ exitCode: 1, verdict: 'cannot be said' });
  });

  it('tells people the verdict, the criteria and both kinds of error', async () => {
    const { stdout } = await runCommand(bridgeCommand(), [file(lines(0.3))]);
    expect(stdout).toContain('The model does not hold on these plates. 120 wells of 5 plates');
    expect(stdout).toMatch(/bias, image − ATP +0\.3\d\d \(0\.2\d\d to 0\.3\d\d\) +-0\.1 to 0\.1 +failed/);
    expect(stdout).toMatch(/the image misses \d+ and raises 0 that ATP does not show/);
    expect(stdout).not.toMatch(/\bsafe\b/);
  });

  it.each([
    [['s,P,A1,7,x,1,0.5,0.5', 's,P,a01,7,x,1,0.5,0.6'], HEADER, 'well A01 of plate P, day 7, stands 2 times'],
    [['s,P,A1,7,x,1,high,0.5'], HEADER, 'row 2: viability_image is not a number (high)'],
    [['s,P,A1,7,x,1,0.5,'], HEADER, 'row 2: viability_atp is empty'],
    [['s,P,99,7,x,1,0.5,1'], HEADER, 'row 2: well is not a well (99)'],
    [['s,P,A1,7,0.5'], 'study,plate,well,day,viability_image', 'has no column viability_atp'],
    [[], HEADER, 'holds no wells'],
  ])('names the row and the remedy: %j', async (rows, header, message) => {
    await expect(run(file(rows, header))).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(message),
    });
  });
});

describe('a record', () => {
  const out = (name: string): string => join(folder, `${name}.json`);

  it('is a version of its own, with its model and its evidence', async () => {
    const labelled = file(lines(0.3));
    const { exitCode } = await run(labelled, '--model', shipped, '--record', out('one'), '--date', '2026-03-02');
    expect(exitCode).toBe(0);
    const record = JSON.parse(readFileSync(out('one'), 'utf8'));
    const model = JSON.parse(readFileSync(join(shipped, 'model.json'), 'utf8'));
    expect(record).toMatchObject({
      kind: 'nvir-recalibration',
      version: expect.stringMatching(new RegExp(`^${model.version}\\+bridge\\.2026-03-02\\.[0-9a-f]{8}$`)),
      model: { name: model.name, version: model.version, sha256: model.sha256 },
      evidence: {
        wells: 120,
        plates: 5,
        of: ['s/P0', 's/P1', 's/P2', 's/P3', 's/P4'],
        before: { verdict: 'does not hold' },
      },
    });
    expect(record.line.slope.low).toBeLessThan(record.line.slope.value);
    // Never written over.
    await expect(run(labelled, '--model', shipped, '--record', out('one'), '--date', '2026-03-03')).rejects.toThrow(
      'is there already',
    );
  });

  it('is the one that the container’s tests serve, of the wells that are kept beside it', async () => {
    const kept = join(import.meta.dirname, '..', '..', 'model-container', 'contract', 'recalibration');
    const args = ['--model', join(kept, 'base'), '--record', out('kept'), '--date', '2026-06-01'];
    expect(await run(join(kept, 'wells.csv'), ...args)).toMatchObject({ exitCode: 0 });
    const [written, before] = [out('kept'), join(kept, 'record.json')].map((path) =>
      JSON.parse(readFileSync(path, 'utf8'), (_name, value) => (typeof value === 'number' ? closeTo(value) : value)),
    );
    // Engines differ in the last digits of a t quantile, and so in the seal.
    expect({ ...written, version: before.version, sha256: before.sha256 }).toEqual(before);
  });

  it('says how it comes to be served', async () => {
    const args = [file(lines(0.3)), '--model', shipped, '--record', out('next'), '--date', '2026-03-02'];
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    await runCommand(bridgeCommand(), args);
    const said = write.mock.calls.flat().join('');
    const folder = join(out('next'), '..', 'next-model');
    expect(said).toContain(`nvir recalibrate --model ${shipped} --recalibration ${out('next')} --out ${folder})`);
    expect(said).toContain(`cdk deploy -c modelFolder=${folder}`);
  });

  it.each([
    [
      'of weights that its model.json does not name',
      (of: string) => appendFileSync(join(of, 'tiny.onnx'), 'x'),
      /names/,
    ],
    ['of weights that are gone', (of: string) => rmSync(join(of, 'tiny.onnx')), /has no tiny\.onnx/],
    [
      'of a model.json that is none',
      (of: string) => writeFileSync(join(of, 'model.json'), '{}'),
      /model\.json cannot be used/,
    ],
    ['of a model.json that is no JSON', (of: string) => writeFileSync(join(of, 'model.json'), '{'), /is no JSON/],
  ])('is never sealed in the name %s', async (_, spoil, said) => {
    const model = mkdtempSync(join(folder, 'model-'));
    writeTinyModel(model, 256, true);
    spoil(model);
    const sealing = run(
      file(lines(0.3)),
      '--model',
      model,
      '--record',
      join(model, 'record.json'),
      '--date',
      '2026-03-02',
    );
    await expect(sealing).rejects.toThrow(UserError);
    await expect(sealing).rejects.toThrow(said);
    expect(existsSync(join(model, 'record.json'))).toBe(false);
  });

  it('is refused where nothing is offered, and without day or model', async () => {
    const good = file(lines());
    expect(await run(good, '--model', shipped, '--record', out('two'), '--date', '2026-03-02')).toMatchObject({
      exitCode: 1,
    });
    expect(existsSync(out('two'))).toBe(false);
    await expect(run(good, '--record', out('two'), '--model', shipped)).rejects.toThrow('needs --date');
    await expect(run(good, '--record', out('two'), '--date', '2026-03-02')).rejects.toThrow('needs --model');
    // Said before images are read for minutes, and a judgement is printed.
    const nowhere = join(folder, 'nowhere', 'record.json');
    await expect(run(good, '--model', shipped, '--record', nowhere, '--date', '2026-03-02')).rejects.toThrow(
      'nowhere is no folder',
    );
  });
});

describe('of a labelled set', () => {
  const set = join(folder, 'set');
  const viabilities = [0.1, 0.9, 0.5, 1];
  let inputs: Uint8Array[];
  beforeAll(() => {
    mkdirSync(set);
    inputs = viabilities.map((viability, seed) => {
      const { pixels, bitDepth, side } = renderWell({ mechanism: UNSEEN_MECHANISM, viability, seed, side: 256 });
      return toModelInput(pixels, side, side, bitDepth);
    });
    writeFileSync(join(set, 'images.npy'), Buffer.concat([npyHeader([4, 256, 256]), ...inputs]));
    const rows = viabilities.map(
      (v, i) => `${i},s,P,A0${1 + (i >> 1)},7,x,1,${i < 2 ? 'test' : 'train'},${100 * v},100`,
    );
    writeFileSync(
      join(set, 'index.csv'),
      ['row,study,plate,well,day,compound,concentration_uM,split,atp_rlu,atp_control_rlu', ...rows].join('\n'),
    );
  });

  it('reads each image by the model, and takes the median of a well', async () => {
    const model = await loadShippedModel();
    const read = await Promise.all(inputs.map((input) => model.read(input)));
    const [a = 0, b = 0] = read.map(({ viability }) => viability);
    const { criteria, wells } = await run(set, '--split', 'test');
    expect(wells).toBe(1);
    expect(criteria[0].estimate.value).toBeCloseTo((a + b) / 2 - 0.1, 6);
    expect(await run(set)).toMatchObject({ wells: 2, verdict: 'cannot be said' });
  });

  it.each([
    ['uint16', (npy: Buffer) => npy.write('<u2', npy.indexOf('|u1')), 'holds values of type <u2; images are uint8'],
    ['Fortran order', (npy: Buffer) => npy.write('True ', npy.indexOf('False')), 'is in Fortran order'],
    [
      'another shape',
      (npy: Buffer) => npy.write('(5,', npy.indexOf('(4,')),
      'has the shape (5, 256, 256), and the 4 rows',
    ],
    ['no array', (npy: Buffer) => npy.write('PNG', 1), 'is no array of NumPy'],
    ['another version', (npy: Buffer) => npy.writeUInt8(9, 6), 'is of .npy version 9'],
    ['no header', (npy: Buffer) => npy.writeUInt16LE(65_000, 8), 'has no header that is understood'],
  ])('does not take %s for images', async (name, spoil, message) => {
    const spoilt = join(folder, name);
    mkdirSync(spoilt);
    copyFileSync(join(set, 'index.csv'), join(spoilt, 'index.csv'));
    const npy = readFileSync(join(set, 'images.npy'));
    spoil(npy);
    writeFileSync(join(spoilt, 'images.npy'), npy);
    await expect(run(spoilt)).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining(message) });
    writeFileSync(join(spoilt, 'images.npy'), readFileSync(join(set, 'images.npy')).subarray(0, -1));
    await expect(run(spoilt)).rejects.toThrow(/has \d+ bytes, and its 4 images need \d+/);
  });

  it('takes a header of .npy version 2', async () => {
    const npy = readFileSync(join(set, 'images.npy'));
    const start = Buffer.alloc(12);
    start.write('\x93NUMPY\x02\x00', 0, 'latin1');
    start.writeUInt32LE(npy.readUInt16LE(8), 8);
    const second = join(folder, 'version-2');
    mkdirSync(second);
    copyFileSync(join(set, 'index.csv'), join(second, 'index.csv'));
    writeFileSync(join(second, 'images.npy'), Buffer.concat([start, npy.subarray(10)]));
    expect(await run(second)).toEqual(await run(set));
  });

  it.each([
    [
      'a row that no image stands for',
      '3,s,P,A02,7',
      '4,s,P,A02,7',
      'rows must be numbered 0 to 3, each once; 4 is not',
    ],
    ['a row that stands twice', '3,s,P,A02,7', '2,s,P,A02,7', 'rows must be numbered 0 to 3, each once; 2 is not'],
    ['a row without a number', '3,s,P,A02,7', 'x,s,P,A02,7', 'row 5: row is not a number (x)'],
    ['no ATP', ',10,100', ',,100', 'row 2: atp_rlu is empty'],
    ['no number of ATP', ',10,100', ',OVER,100', 'row 2: atp_rlu is not a number (OVER)'],
    ['a control below nothing', ',10,100', ',10,-100', 'row 2: atp_control_rlu is not above 0 (-100)'],
    ['no day', '0,s,P,A01,7', '0,s,P,A01,', 'row 2: day is empty'],
  ])('takes no index with %s', async (name, before, after, message) => {
    const spoilt = join(folder, `index with ${name}`);
    mkdirSync(spoilt);
    copyFileSync(join(set, 'images.npy'), join(spoilt, 'images.npy'));
    const index = readFileSync(join(set, 'index.csv'), 'utf8');
    expect(index).toContain(before);
    writeFileSync(join(spoilt, 'index.csv'), index.replace(before, after));
    await expect(run(spoilt)).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining(message) });
  });

  it('says when a split is not there', async () => {
    await expect(run(set, '--split', 'unseen')).rejects.toThrow('has no images of split unseen');
  });

  it('says when the set has no images, or no rows', async () => {
    const part = mkdtempSync(join(folder, 'part-'));
    copyFileSync(join(set, 'index.csv'), join(part, 'index.csv'));
    await expect(run(part)).rejects.toThrow(UserError);
    await expect(run(part)).rejects.toThrow('images.npy cannot be read');
    writeFileSync(join(part, 'index.csv'), 'row,study\n');
    await expect(run(part)).rejects.toThrow('index.csv holds no rows');
    writeFileSync(join(part, 'index.csv'), 'row,study,plate,well,day\n0,s,P,A01,7\n');
    await expect(run(part)).rejects.toThrow(/index\.csv has no column compound$/);
  });
});
