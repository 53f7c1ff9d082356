/**
 * How often each image flag is raised: on simulated wells of every microscope, and on the files of a folder.
 * Run: `npx tsx bench/image-flags.ts [FOLDER]`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareImage, RejectedImage } from '../lambdas/imaging/index.ts';
import { toEightBit } from '../lambdas/imaging/model-input.ts';
import { assessQuality } from '../lambdas/imaging/quality.ts';
import { TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../simulation/profiles/mechanisms.ts';
import { type Artefact, renderWell } from '../simulation/render/index.ts';

const SEEDS = 10;
const SIDE = 1024;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function ofFolder(folder: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(tiff?|png|jpe?g)$/i.test(file),
  );
  for (const file of files.sort()) {
    try {
      const { quality } = await prepareImage(readFileSync(join(folder, file)));
      say(`${file}: ${quality.flags.join(' ') || '–'}`);
    } catch (error) {
      if (!(error instanceof RejectedImage)) throw error;
      say(`${file}: rejected, ${error.reason}`);
    }
  }
}

/** Of wells drawn so, the share with each flag. */
function ofSimulation(viability: number, artefact: Artefact | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  const mechanisms = [...TRAINING_MECHANISMS, UNSEEN_MECHANISM];
  for (const mechanism of mechanisms) {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const frame = renderWell({ mechanism, viability, seed, side: SIDE, ...(artefact ? { artefact } : {}) });
      const { flags } = assessQuality(toEightBit(frame.pixels, frame.bitDepth), SIDE, SIDE, []);
      for (const flag of flags) counts.set(flag, (counts.get(flag) ?? 0) + 1 / (SEEDS * mechanisms.length));
    }
  }
  return counts;
}

const [folder] = process.argv.slice(2);
if (folder !== undefined) await ofFolder(folder);
else {
  const rows = [
    ['alive', 1, undefined],
    ['half alive', 0.5, undefined],
    ['dead', 0.05, undefined],
    ['empty well', 1, 'empty-well'],
    ['out of focus', 1, 'out-of-focus'],
    ['fibre', 1, 'fibre'],
    ['scale bar', 1, 'scale-bar'],
  ] as const;
  for (const [name, viability, artefact] of rows) {
    const shares = [...ofSimulation(viability, artefact)].sort(([, a], [, b]) => b - a);
    say(`| ${name} | ${shares.map(([flag, share]) => `${flag} ${Math.round(100 * share)} %`).join(', ') || '–'} |`);
  }
}
