/** Decode, quality and resize to the model's input, beside sharp's own decode and resize of the same bytes. */
import sharp from 'sharp';
import { INPUT_SIDE, prepareImage } from '../lambdas/imaging/index.ts';
import { FORMATS, frame12 } from './frames.ts';
import { perSecond } from './measure.ts';

export interface DecodeRow {
  format: string;
  megabytes: number;
  /** Images a second by lambdas/imaging, quality measures included. */
  ours: number;
  /** Images a second by sharp alone: no quality measures, another interpolation, 16 bit cut to 8. */
  sharp: number;
}

const IMAGES = 12;

export async function benchDecode(): Promise<DecodeRow[]> {
  // One task: what a function's process does.
  sharp.concurrency(1);
  const pixels = await frame12(1);
  const rows: DecodeRow[] = [];
  for (const [format, encode] of Object.entries(FORMATS)) {
    const bytes = await encode(pixels);
    rows.push({
      format,
      megabytes: bytes.length / 1e6,
      ours: await perSecond(IMAGES, () => prepareImage(bytes)),
      sharp: await perSecond(IMAGES, () =>
        sharp(bytes).resize(INPUT_SIDE, INPUT_SIDE, { fit: 'cover', kernel: 'linear' }).greyscale().raw().toBuffer(),
      ),
    });
  }
  return rows;
}
