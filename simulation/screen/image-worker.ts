/** Worker: draws one image of a screen and writes its file. */
import { writeFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { mechanismByName } from '../profiles/mechanisms.ts';
import { seedOf } from '../random.ts';
import { renderWell } from '../render/index.ts';
import { SIMULATED } from './files.ts';
import type { Fault, ScreenImage } from './plan.ts';
import { encodeTiff } from './tiff.ts';

export interface ImageRequest {
  file: string;
  image: ScreenImage;
  mechanism: string;
  seed: number;
  side: number;
  /** Local time of the lab, milliseconds as if UTC. */
  takenAt: number;
}

parentPort?.on('message', (request: ImageRequest) => {
  void writeImage(request).then(
    () => parentPort?.postMessage({ file: request.file }),
    (error: unknown) => {
      throw error;
    },
  );
});

async function writeImage({ file, image, mechanism, seed, side, takenAt }: ImageRequest): Promise<void> {
  if (image.fault === 'text-file')
    return writeFile(file, 'This is not an image: someone saved their notes under its name.\n');
  const artefact = drawable(image.fault);
  const frame = renderWell({
    mechanism: mechanismByName(mechanism),
    viability: image.viability ?? 1,
    seed: seedOf(seed, image.plate, image.well, image.day, 'picture'),
    // The same spheroid on every day.
    spheroidSeed: seedOf(seed, image.plate, image.well, 'spheroid'),
    side,
    ...(artefact ? { artefact } : {}),
  });
  const description = `${SIMULATED}: well ${image.well} of ${image.plate}, day ${image.day}`;
  const bytes = encodeTiff({
    pixels: frame.pixels,
    width: side,
    height: side,
    bitDepth: frame.bitDepth,
    takenAt: new Date(takenAt),
    description,
  });
  await writeFile(file, image.fault === 'truncated' ? bytes.subarray(0, Math.floor(bytes.length * 0.6)) : bytes);
}

const drawable = (fault: Fault | undefined): 'empty-well' | 'out-of-focus' | 'fibre' | 'scale-bar' | undefined =>
  fault === 'truncated' || fault === 'text-file' ? undefined : fault;
