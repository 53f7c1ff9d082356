/** From a file's bytes to gray values, whatever the instrument wrote; refuses what it cannot read truthfully. */
import sharp from 'sharp';
import { type EmbeddedMetadata, readEmbeddedMetadata } from './embedded-metadata.ts';
import { exifTime } from './exif-time.ts';
import { toGray } from './gray.ts';
import type { ImageLimits } from './limits.ts';
import { type GrayPixels, readRawGray } from './raw-tiff.ts';
import { RejectedImage } from './rejected-image.ts';
import { readTiffDirectory, type TiffDirectory } from './tiff-directory.ts';

export interface DecodedImage {
  format: 'tiff' | 'png' | 'jpeg';
  pixels: GrayPixels;
  width: number;
  height: number;
  /** Bits that the file holds a value in: 8 or 16. */
  containerBits: 8 | 16;
  pages: number;
  metadata: EmbeddedMetadata;
}

/** @throws RejectedImage */
export async function decodeImage(bytes: Buffer, limits: ImageLimits): Promise<DecodedImage> {
  const format = sniff(bytes);
  if (!format)
    throw new RejectedImage(
      'not-an-image',
      'the content is not TIFF, PNG or JPEG',
      'Check what the microscope exported under this name.',
    );
  if (bytes.length > limits.maxBytes) {
    throw new RejectedImage(
      'too-large',
      `the file has ${bytes.length} bytes, over the limit of ${limits.maxBytes}`,
      'Export single fields, without stitching.',
    );
  }
  const directory = format === 'tiff' ? readTiffDirectory(bytes) : undefined;
  if (directory) checkTiff(directory, limits);
  if (format === 'png') checkPng(bytes);
  const metadata = readEmbeddedMetadata(directory?.description, directory?.dateTime);
  const raw = directory && readRawGray(bytes, directory);
  if (directory && raw) {
    const { width, height, pages } = directory;
    return { format, pixels: raw, width, height, containerBits: raw instanceof Uint8Array ? 8 : 16, pages, metadata };
  }
  const { takenAt, ...decoded } = await decodeByLibrary(bytes, limits, directory);
  return {
    format,
    ...decoded,
    pages: directory?.pages ?? 1,
    metadata: takenAt === undefined ? metadata : { takenAt, ...metadata },
  };
}

function sniff(bytes: Buffer): DecodedImage['format'] | undefined {
  const start = bytes.toString('latin1', 0, 4);
  if (start === 'II*\0' || start === 'MM\0*' || start === 'II+\0' || start === 'MM\0+') return 'tiff';
  if (start === '\x89PNG') return 'png';
  return start.startsWith('\xff\xd8\xff') ? 'jpeg' : undefined;
}

function checkTiff({ width, height, bitsPerSample, sampleFormat }: TiffDirectory, limits: ImageLimits): void {
  checkSize(width, height, limits);
  if (sampleFormat !== 1 || (bitsPerSample !== 8 && bitsPerSample !== 16)) {
    const kind = sampleFormat === 3 ? 'floating-point' : sampleFormat === 2 ? 'signed' : 'unsigned';
    throw unsupported(`${bitsPerSample}-bit ${kind}`);
  }
}

/** Where a PNG's first chunk, IHDR, says the bits of a sample or of a palette's index. */
const PNG_BITS_AT = 24;

/** A picture of at most 16 values is a mask or a label image, not a camera's. */
function checkPng(bytes: Buffer): void {
  const bits = bytes[PNG_BITS_AT];
  if (bits !== undefined && bits < 8) throw unsupported(`${bits}-bit unsigned`);
}

const unsupported = (samples: string): RejectedImage =>
  new RejectedImage('unsupported', `${samples} samples are not read`, 'Export the raw camera image with 8 or 16 bits.');

function checkSize(width: number, height: number, limits: ImageLimits): void {
  if (width * height > limits.maxPixels) {
    throw new RejectedImage(
      'too-many-pixels',
      `${width} × ${height} pixels, over the limit of ${limits.maxPixels}`,
      'Export single fields, without stitching.',
    );
  }
  if (Math.min(width, height) < limits.minSide) {
    throw new RejectedImage(
      'too-small',
      `${width} × ${height} pixels; at least ${limits.minSide} on each side are needed`,
      'Export the full frame, not a thumbnail.',
    );
  }
}

type Pixels = Pick<DecodedImage, 'pixels' | 'width' | 'height' | 'containerBits'> & { takenAt?: string };

async function decodeByLibrary(
  bytes: Buffer,
  limits: ImageLimits,
  directory: TiffDirectory | undefined,
): Promise<Pixels> {
  try {
    const image = sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: 'warning', sequentialRead: true });
    const { width = 0, height = 0, depth, channels = 1, isPalette, exif } = await image.metadata();
    checkSize(width, height, limits);
    if (depth !== 'uchar' && depth !== 'ushort')
      throw new RejectedImage('unsupported', `samples of type ${depth} are not read`, 'Export with 8 or 16 bits.');
    const gray = channels < 3 && !isPalette && directory?.photometric !== 3;
    // libvips turns 16 bits into 8 unless it is told to stay in a 16-bit space.
    const space = depth === 'ushort' ? (gray ? 'grey16' : 'rgb16') : gray ? 'b-w' : 'srgb';
    const { data, info } = await image
      .autoOrient()
      .removeAlpha()
      .toColourspace(space)
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    const values = depth === 'uchar' ? new Uint8Array(data.buffer, data.byteOffset, data.length) : alignedUint16(data);
    const takenAt = exif && exifTime(exif);
    return {
      ...(takenAt ? { takenAt } : {}),
      pixels: toGray(values, info.channels),
      width: info.width,
      height: info.height,
      containerBits: depth === 'uchar' ? 8 : 16,
    };
  } catch (error) {
    if (error instanceof RejectedImage) throw error;
    throw asRejection(error);
  }
}

const alignedUint16 = (data: Buffer): Uint16Array =>
  data.byteOffset % 2 === 0
    ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
    : new Uint16Array(Uint8Array.from(data).buffer);

function asRejection(error: unknown): RejectedImage {
  const message = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(message))
    return new RejectedImage(
      'too-many-pixels',
      'the picture has more pixels than the limit',
      'Export single fields, without stitching.',
    );
  return new RejectedImage(
    'corrupt',
    `the picture cannot be decoded (${message.split('\n')[0]})`,
    'Copy the file from the microscope again.',
  );
}
