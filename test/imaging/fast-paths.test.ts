/** What is computed several pixels at a time says the same as one pixel at a time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toEightBit } from '../../lambdas/imaging/model-input.ts';
import { readRawGray } from '../../lambdas/imaging/raw-tiff.ts';
import { thumbnailOf } from '../../lambdas/imaging/thumbnail.ts';
import type { TiffDirectory } from '../../lambdas/imaging/tiff-directory.ts';

describe('eight bits', () => {
  it('are v >> (bits − 8), and white above the depth, for any number of values', () => {
    const frames = fc.tuple(
      fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 40 }),
      fc.integer({ min: 8, max: 16 }),
    );
    fc.assert(
      fc.property(frames, fc.boolean(), ([values, bits], within) => {
        const pixels = Uint16Array.from(values, (value) => (within ? value >> (16 - bits) : value));
        const expected = Array.from(pixels, (value) => Math.min(255, value >> (bits - 8)));
        expect([...toEightBit(pixels, bits)]).toEqual(expected);
      }),
    );
  });
});

describe('the small copy', () => {
  it.each([256, 257, 700, 1025, 2048])('is made of block means at a width of %i', (width) => {
    const height = 64;
    // An odd start: memory need not be aligned.
    const pixels = new Uint8Array(width * height + 1).map((_, i) => (i * 2_654_435_761) >>> 24).subarray(1);
    const small = thumbnailOf(pixels, width, height);
    const factor = Math.ceil(width / 256);
    for (const [x, y] of [
      [0, 0],
      [small.width - 1, small.height - 1],
      [17, 3],
    ] as const) {
      let sum = 0;
      for (let dy = 0; dy < factor; dy += 1)
        for (let dx = 0; dx < factor; dx += 1) sum += pixels[(y * factor + dy) * width + x * factor + dx] ?? 0;
      expect(small.values[y * small.width + x]).toBeCloseTo(sum / factor ** 2, 4);
    }
  });
});

it('the small copy of a white frame is white, however long its blocks', () => {
  const [width, height] = [66_000, 260];
  const small = thumbnailOf(new Uint8Array(width * height).fill(255), width, height);
  expect(new Set(small.values)).toEqual(new Set([255]));
});

describe('raw strips', () => {
  const directory = (
    bits: number,
    chunks: TiffDirectory['chunks'],
    more: Partial<TiffDirectory> = {},
  ): TiffDirectory => ({
    littleEndian: true,
    width: 4,
    height: 2,
    bitsPerSample: bits,
    samplesPerPixel: 1,
    compression: 1,
    photometric: 1,
    sampleFormat: 1,
    predictor: 1,
    tiled: false,
    orientation: 1,
    chunks,
    description: undefined,
    dateTime: undefined,
    pages: 1,
    ...more,
  });
  const file = Buffer.from(Uint8Array.from({ length: 40 }, (_, i) => i));

  it.each<[string, number, TiffDirectory['chunks'], Partial<TiffDirectory>, number[]]>([
    ['one strip', 8, [{ offset: 3, length: 8 }], {}, [3, 4, 5, 6, 7, 8, 9, 10]],
    [
      'strips in one piece',
      8,
      [
        { offset: 3, length: 4 },
        { offset: 7, length: 4 },
      ],
      {},
      [3, 4, 5, 6, 7, 8, 9, 10],
    ],
    [
      'strips apart',
      8,
      [
        { offset: 20, length: 4 },
        { offset: 3, length: 4 },
      ],
      {},
      [20, 21, 22, 23, 3, 4, 5, 6],
    ],
    ['white is zero', 8, [{ offset: 0, length: 8 }], { photometric: 0 }, [255, 254, 253, 252, 251, 250, 249, 248]],
    ['16 bits', 16, [{ offset: 2, length: 16 }], {}, [770, 1284, 1798, 2312, 2826, 3340, 3854, 4368]],
    ['16 bits at an odd place', 16, [{ offset: 1, length: 16 }], {}, [513, 1027, 1541, 2055, 2569, 3083, 3597, 4111]],
    [
      'big-endian',
      16,
      [{ offset: 0, length: 16 }],
      { littleEndian: false },
      [1, 515, 1029, 1543, 2057, 2571, 3085, 3599],
    ],
  ])('%s are read as they are written, and the file stays', (_, bits, chunks, more, expected) => {
    const before = Buffer.from(file);
    expect([...(readRawGray(file, directory(bits, chunks, more)) ?? [])]).toEqual(expected);
    expect(file).toEqual(before);
  });
});
