import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommanderError } from 'commander';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inspectCommand } from '../../cli/commands/inspect.ts';
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { UNSEEN_MECHANISM } from '../../simulation/profiles/mechanisms.ts';
import { renderWell } from '../../simulation/render/index.ts';
import { encodeTiff } from '../../simulation/screen/tiff.ts';
import { runCommand } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'nvir-'));

function simulated(name: string, viability: number): { file: string; input: Uint8Array } {
  const side = 1024;
  const { pixels, bitDepth } = renderWell({ mechanism: UNSEEN_MECHANISM, viability, seed: 5, side });
  const file = join(folder, name);
  writeFileSync(
    file,
    encodeTiff({ pixels, width: side, height: side, bitDepth, takenAt: new Date(0), description: 'SIMULATED IMAGES' }),
  );
  return { file, input: toModelInput(pixels, side, side, bitDepth) };
}

describe('nvir inspect', () => {
  it('sees format, depth, well, quality and viability, and writes the exact input', async () => {
    const { file, input } = simulated('plate_B03.tif', 1);
    const png = join(folder, 'png');
    const { stdout, exitCode } = await runCommand(inspectCommand(), [
      file,
      '--json',
      '--png',
      png,
      '--bit-depth',
      '10',
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        file,
        width: 1024,
        height: 1024,
        bitDepth: 10,
        name: expect.objectContaining({ well: 'B03' }),
        quality: expect.objectContaining({ flags: [] }),
        halfWidth90: expect.any(Number),
        domainDistance: expect.any(Number),
        sharedHalfWidth90: expect.any(Number),
      }),
    ]);
    const written = sharp(join(png, 'plate_B03.tif.png'));
    expect(await written.metadata()).toMatchObject({ channels: 1, space: 'b-w' });
    expect(Buffer.compare(await written.toColourspace('b-w').raw().toBuffer(), input)).toBe(0);
  });

  it('reads a dead spheroid as less viable than a living one', async () => {
    const files = [simulated('a_A01.tif', 0.1).file, simulated('a_A02.tif', 0.5).file, simulated('a_A03.tif', 1).file];
    const { stdout } = await runCommand(inspectCommand(), [...files, '--json', '--bit-depth', '10']);
    const viabilities = JSON.parse(stdout).map(({ viability }: { viability: number }) => viability);
    expect(viabilities).toEqual([...viabilities].sort((a, b) => a - b));
    expect(viabilities[2] - viabilities[0]).toBeGreaterThan(0.6);
  });

  it('shows interval and distance, and flags a picture that is no spheroid', async () => {
    const spheroid = simulated('known_B03.tif', 1).file;
    const blank = join(folder, 'blank_B04.png');
    await sharp({ create: { width: 300, height: 300, channels: 3, background: '#909090' } })
      .png()
      .toFile(blank);
    const files = [spheroid, blank, '--bit-depth', '10'];
    const { stdout } = await runCommand(inspectCommand(), [...files, '--json']);
    const [known, foreign] = JSON.parse(stdout);
    expect(known.halfWidth90).toBeGreaterThan(0);
    expect(known.halfWidth90).toBeLessThan(0.5);
    expect(known.sharedHalfWidth90).toBeGreaterThan(0);
    expect(known.sharedHalfWidth90).toBeLessThan(known.halfWidth90);
    expect(known.domainDistance).toBeLessThan(1);
    expect(foreign.domainDistance).toBeGreaterThan(1);
    expect(foreign.quality.flags).toContain('outOfDomain');
    const text = (await runCommand(inspectCommand(), files)).stdout;
    expect(text).toContain('± 90 %');
    expect(text).toContain(known.halfWidth90.toFixed(2));
    expect(text).toContain(known.sharedHalfWidth90.toFixed(2));
    expect(text).toMatch(/blank_B04\.png.*outOfDomain/);
  });

  it('reports a rejected file with its reason, and ends with 1', async () => {
    const file = join(folder, 'notes_C01.tif');
    writeFileSync(file, 'not an image');
    const { stdout, exitCode } = await runCommand(inspectCommand(), [file, '--json', '--png', join(folder, 'none')]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)[0]).toMatchObject({
      viability: null,
      rejected: expect.stringContaining('not TIFF'),
      remedy: expect.any(String),
    });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('reports a file that cannot be opened beside the others, and ends with 2', async () => {
    const { file } = simulated('there_B03.tif', 1);
    const { stdout, exitCode } = await runCommand(inspectCommand(), ['nowhere_B04.tif', file, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([
      { file: 'nowhere_B04.tif', viability: null, rejected: expect.stringMatching(/cannot be opened.*ENOENT/) },
      { file, viability: expect.any(Number) },
    ]);
  });

  it('parses the path: day folders, and a naming pattern over folders', async () => {
    const file = join(folder, 'day7', 'x_B03.txt');
    mkdirSync(dirname(file));
    writeFileSync(file, 'no image');
    const nameOf = async (...more: string[]) =>
      JSON.parse((await runCommand(inspectCommand(), [file, '--json', ...more])).stdout)[0].name;
    expect(await nameOf()).toMatchObject({ well: 'B03', day: 7 });
    expect(await nameOf('--naming', 'day(?<day>\\d)/x_(?<row>B)0(?<column>3)')).toMatchObject({ well: 'B03', day: 7 });
  });

  it('takes a naming pattern that cannot be used as bad usage', async () => {
    const run = runCommand(inspectCommand(), ['x.tif', '--naming', '(?<wel>..)']);
    await expect(run).rejects.toThrow(/unknown group "wel"/);
    await expect(run).rejects.toBeInstanceOf(CommanderError);
  });

  it('writes the inputs of files of one name side by side', async () => {
    const files = ['day3', 'day8'].map((day, i) => {
      mkdirSync(join(folder, day));
      return simulated(join(day, 'x_B03.tif'), i).file;
    });
    const out = join(folder, 'side-by-side');
    const { stdout } = await runCommand(inspectCommand(), [...files, '--json', '--png', out]);
    const written = ['day3', 'day8'].map((day) => join(out, day, 'x_B03.tif.png'));
    expect(JSON.parse(stdout).map(({ png }: { png: string }) => png)).toEqual(written);
    const [a, b] = written.map((file) => readFileSync(file));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(false);
  });
});
