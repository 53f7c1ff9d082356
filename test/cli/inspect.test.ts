import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      }),
    ]);
    const written = await sharp(join(png, 'plate_B03.tif.png')).toColourspace('b-w').raw().toBuffer();
    expect(Buffer.compare(written, input)).toBe(0);
  });

  it('reads a dead spheroid as less viable than a living one', async () => {
    const files = [simulated('a_A01.tif', 0.1).file, simulated('a_A02.tif', 0.5).file, simulated('a_A03.tif', 1).file];
    const { stdout } = await runCommand(inspectCommand(), [...files, '--json', '--bit-depth', '10']);
    const viabilities = JSON.parse(stdout).map(({ viability }: { viability: number }) => viability);
    expect(viabilities).toEqual([...viabilities].sort((a, b) => a - b));
    expect(viabilities[2] - viabilities[0]).toBeGreaterThan(0.6);
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

  it('says which file cannot be opened', async () => {
    await expect(runCommand(inspectCommand(), ['nowhere.tif'])).rejects.toThrow('nowhere.tif cannot be opened');
  });
});
