/** The first directory of a TIFF (TIFF 6.0; BigTIFF is refused): what libvips does not tell, and whether all data is there. */
import { RejectedImage } from './rejected-image.ts';

export interface TiffDirectory {
  littleEndian: boolean;
  width: number;
  height: number;
  bitsPerSample: number;
  samplesPerPixel: number;
  /** 1 = none, 5 = LZW, 8 = Deflate, … */
  compression: number;
  /** 0 = white is zero, 1 = black is zero, 2 = RGB, 3 = palette. */
  photometric: number;
  /** 1 = unsigned, 2 = signed, 3 = float. */
  sampleFormat: number;
  predictor: number;
  tiled: boolean;
  /** 1 = the first row is the top, the first column the left; others are turned or mirrored. */
  orientation: number;
  /** Byte ranges of strips or tiles. */
  chunks: { offset: number; length: number }[];
  description: string | undefined;
  dateTime: string | undefined;
  pages: number;
}

const TYPE_SIZE: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
};
const MAX_PAGES = 10_000;
const MAX_VALUES = 1_000_000;

const REMEDY_TRUNCATED = 'Copy the file from the microscope again.';

/** @throws RejectedImage when the directory is broken or data lies beyond the end of the file. */
export function readTiffDirectory(bytes: Buffer): TiffDirectory {
  const littleEndian = bytes.toString('latin1', 0, 2) === 'II';
  const reader = new TiffReader(bytes, littleEndian);
  if (reader.u16(2) === 43)
    throw new RejectedImage(
      'unsupported',
      'BigTIFF files are not read',
      'Export the image as an ordinary TIFF or as PNG.',
    );
  const first = reader.u32(4);
  const entries = reader.directory(first);
  const one = (tag: number, fallback: number): number => reader.numbers(entries.get(tag))[0] ?? fallback;
  const tiled = entries.has(324);
  const offsets = reader.numbers(entries.get(tiled ? 324 : 273));
  const lengths = reader.numbers(entries.get(tiled ? 325 : 279));
  const chunks = offsets.map((offset, i) => ({ offset, length: lengths[i] ?? 0 }));
  if (chunks.length === 0)
    throw new RejectedImage('corrupt', 'the TIFF directory names no image data', REMEDY_TRUNCATED);
  if (chunks.some(({ offset, length }) => offset + length > bytes.length)) {
    throw new RejectedImage('truncated', 'the file ends before its image data', REMEDY_TRUNCATED);
  }
  return {
    littleEndian,
    width: one(256, 0),
    height: one(257, 0),
    bitsPerSample: one(258, 1),
    samplesPerPixel: one(277, 1),
    compression: one(259, 1),
    photometric: one(262, 1),
    sampleFormat: one(339, 1),
    predictor: one(317, 1),
    tiled,
    orientation: one(274, 1),
    chunks,
    description: reader.text(entries.get(270)),
    dateTime: reader.text(entries.get(306)),
    pages: reader.countPages(first),
  };
}

export interface Entry {
  type: number;
  count: number;
  /** Where the values lie. */
  at: number;
}

export class TiffReader {
  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
  ) {}

  u16(at: number): number {
    this.check(at, 2);
    return this.littleEndian ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  directory(at: number): Map<number, Entry> {
    const count = this.u16(at);
    const entries = new Map<number, Entry>();
    for (let i = 0; i < count; i += 1) {
      const start = at + 2 + 12 * i;
      const type = this.u16(start + 2);
      const values = this.u32(start + 4);
      const size = (TYPE_SIZE[type] ?? 1) * values;
      entries.set(this.u16(start), { type, count: values, at: size <= 4 ? start + 8 : this.u32(start + 8) });
    }
    return entries;
  }

  numbers(entry: Entry | undefined): number[] {
    if (!entry) return [];
    if (entry.count > MAX_VALUES)
      throw new RejectedImage('corrupt', 'a TIFF tag claims over a million values', REMEDY_TRUNCATED);
    const size = TYPE_SIZE[entry.type] ?? 1;
    this.check(entry.at, size * entry.count);
    return Array.from({ length: entry.count }, (_, i) => {
      const at = entry.at + i * size;
      if (entry.type === 3) return this.u16(at);
      return entry.type === 4 || entry.type === 13 ? this.u32(at) : (this.bytes[at] ?? 0);
    });
  }

  text(entry: Entry | undefined): string | undefined {
    if (entry?.type !== 2 || entry.at + entry.count > this.bytes.length) return undefined;
    return this.bytes.toString('utf8', entry.at, entry.at + entry.count).replace(/\0+$/, '');
  }

  countPages(first: number): number {
    const seen = new Set<number>();
    let at = first;
    while (at !== 0 && !seen.has(at) && seen.size < MAX_PAGES && at + 2 <= this.bytes.length) {
      seen.add(at);
      const next = at + 2 + 12 * this.u16(at);
      at = next + 4 <= this.bytes.length ? this.u32(next) : 0;
    }
    return seen.size;
  }

  private check(at: number, length: number): void {
    if (at + length > this.bytes.length)
      throw new RejectedImage('truncated', 'the file ends inside its TIFF directory', REMEDY_TRUNCATED);
  }
}
