/** Uncompressed gray strips, read without a library: the commonest export, and the one where libvips is slowest at 16 bits. */
import { endianness } from 'node:os';
import type { TiffDirectory } from './tiff-directory.ts';

export type GrayPixels = Uint8Array | Uint16Array;

/** @returns a view of the file or a copy; undefined when the file is not of this simple kind, or its strips do not add up. */
export function readRawGray(bytes: Buffer, directory: TiffDirectory): GrayPixels | undefined {
  const { bitsPerSample: bits, width, height } = directory;
  const simple =
    directory.compression === 1 &&
    directory.samplesPerPixel === 1 &&
    directory.photometric <= 1 &&
    !directory.tiled &&
    // A turned picture is turned back by the library.
    directory.orientation === 1 &&
    directory.sampleFormat === 1;
  if (!simple || (bits !== 8 && bits !== 16)) return undefined;
  const size = (width * height * bits) / 8;
  const { chunks } = directory;
  const strips = chunks.map(({ offset, length }) => bytes.subarray(offset, offset + length));
  if (strips.reduce((sum, strip) => sum + strip.length, 0) < size) return undefined;
  const start = chunks[0]?.offset ?? 0;
  const inOnePiece = chunks.every(
    ({ offset, length }, i) => offset + length === (chunks[i + 1]?.offset ?? offset + length),
  );
  const inverted = directory.photometric === 0;
  const swapped = bits === 16 && directory.littleEndian !== (endianness() === 'LE');
  const misaligned = bits === 16 && (bytes.byteOffset + start) % 2 !== 0;
  // The file's own bytes where they can be read as they are: a copy of a frame costs as much as its resize.
  const asTheyAre = inOnePiece && !inverted && !swapped && !misaligned;
  const data = asTheyAre ? bytes.subarray(start, start + size) : gathered(strips, size);
  if (swapped) data.swap16();
  const pixels =
    bits === 8
      ? new Uint8Array(data.buffer, data.byteOffset, size)
      : new Uint16Array(data.buffer, data.byteOffset, size / 2);
  if (inverted) invert(pixels, 2 ** bits - 1);
  return pixels;
}

function gathered(strips: readonly Buffer[], size: number): Buffer {
  const data = Buffer.alloc(size);
  let at = 0;
  for (const strip of strips) at += strip.copy(data, at, 0, Math.min(strip.length, size - at));
  return data;
}

function invert(pixels: GrayPixels, white: number): void {
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = white - (pixels[i] ?? 0);
}
