/** When a camera took a JPEG or PNG, from its EXIF block: a small TIFF directory (EXIF 2.32). */
import { parseTiffDateTime } from './embedded-metadata.ts';
import { TiffReader } from './tiff-directory.ts';

const DATE_TIME = 306;
const EXIF_DIRECTORY = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;

/** @returns ISO 8601 without offset: the camera's local time; undefined when the block says none or is broken. */
export function exifTime(block: Buffer): string | undefined {
  const tiff = block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
  try {
    const reader = new TiffReader(tiff, tiff.toString('latin1', 0, 2) === 'II');
    const main = reader.directory(reader.u32(4));
    const [at] = reader.numbers(main.get(EXIF_DIRECTORY));
    const original = at === undefined ? undefined : reader.text(reader.directory(at).get(DATE_TIME_ORIGINAL));
    return parseTiffDateTime(original) ?? parseTiffDateTime(reader.text(main.get(DATE_TIME)));
  } catch {
    // A broken block says nothing, and the picture is no worse for it.
    return undefined;
  }
}
