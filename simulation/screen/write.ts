/** Writes a screen to a folder: `export/` as an instrument and a lab would leave it, the truth aside. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { workInThreads } from '../work-in-threads.ts';
import { luminometerFiles } from './atp.ts';
import { imageName, plateMapCsv, studyNotes, takenAt, truthCompoundsCsv, truthCsv } from './files.ts';
import type { ImageRequest } from './image-worker.ts';
import { planScreen, type ScreenOptions, type ScreenPlan } from './plan.ts';

export interface WrittenScreen {
  plan: ScreenPlan;
  /** Everything below goes to `exports/{study}/`. */
  exportFolder: string;
  /** Paths of the images, in the order of acquisition. */
  images: string[];
}

/** Same options, same bytes. */
export async function writeScreen(
  folder: string,
  options: ScreenOptions,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<WrittenScreen> {
  const plan = planScreen(options);
  const exportFolder = join(folder, 'export');
  const jobs = plan.images.map(
    (image, order): ImageRequest => ({
      file: join(exportFolder, imageName(image, options.seed)),
      image,
      mechanism: options.mechanism,
      seed: options.seed,
      side: options.side,
      takenAt: takenAt(options, image, order).getTime(),
    }),
  );
  for (const place of new Set(jobs.map((job) => dirname(job.file)))) await mkdir(place, { recursive: true });
  await writeFile(join(exportFolder, 'study.json'), studyNotes(plan));
  for (const plate of new Set(plan.wells.map((well) => well.plate)))
    await writeFile(join(exportFolder, plate, 'platemap.csv'), plateMapCsv(plan, plate));
  await writeFile(join(folder, 'truth.csv'), truthCsv(plan));
  await writeFile(join(folder, 'truth-compounds.csv'), truthCompoundsCsv(plan));

  await mkdir(join(folder, 'atp'), { recursive: true });
  for (const { name, content } of luminometerFiles(plan)) await writeFile(join(folder, 'atp', name), content);

  let done = 0;
  await workInThreads(new URL('./image-worker.ts', import.meta.url), jobs, () => {
    done += 1;
    onProgress(done, jobs.length);
  });
  return { plan, exportFolder, images: jobs.map((job) => job.file) };
}
