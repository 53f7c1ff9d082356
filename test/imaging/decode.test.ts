/** Files as microscopes write them, made here; and what is refused, with its reason. */
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { prepareImage, RejectedImage } from '../../lambdas/imaging/index.ts';
import { IMAGE_LIMITS } from '../../lambdas/imaging/limits.ts';
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { encodeTiff } from '../../simulation/screen/tiff.ts';

const WIDTH = 300;
const HEIGHT = 280;

const pattern = (bits: number): Uint16Array =>
  Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 7919 + (i >> 8) * 31) % 2 ** bits);
const tiff = (bits: number, description = ''): Buffer =>
  encodeTiff({
    pixels: pattern(bits),
    width: WIDTH,
    height: HEIGHT,
    bitDepth: bits,
    takenAt: new Date('2026-03-09T10:15:00Z'),
    description,
  });
const as16Bit = (): Sharp =>
  sharp(pattern(16), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace('grey16');
const as8Bit = (): Sharp =>
  sharp(Buffer.from(Uint8Array.from(pattern(8))), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace(
    'b-w',
  );
const exact = (bits: number): Uint8Array =>
  toModelInput(bits === 8 ? Uint8Array.from(pattern(8)) : pattern(bits), WIDTH, HEIGHT, bits);

describe('gray formats give the exact input', () => {
  it.each([
    ['raw 8-bit TIFF', () => Promise.resolve(tiff(8)), 8],
    [
      '8-bit TIFF, LZW with predictor',
      () => as8Bit().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
      8,
    ],
    ['8-bit TIFF, Deflate', () => as8Bit().tiff({ compression: 'deflate' }).toBuffer(), 8],
    [
      '8-bit tiled TIFF',
      () => as8Bit().tiff({ tile: true, tileWidth: 64, tileHeight: 64, compression: 'none' }).toBuffer(),
      8,
    ],
    ['8-bit PNG', () => as8Bit().png().toBuffer(), 8],
    ['raw 16-bit TIFF', () => Promise.resolve(tiff(16)), 16],
    [
      '16-bit TIFF, LZW with predictor',
      () => as16Bit().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
      16,
    ],
    ['16-bit PNG', () => as16Bit().png().toBuffer(), 16],
  ] as const)('%s', async (_name, make, bits) => {
    const { input, image } = await prepareImage(await make());
    expect(image).toMatchObject({ width: WIDTH, height: HEIGHT, bitDepth: bits });
    expect(Buffer.compare(input, exact(bits))).toBe(0);
  });

  it('big-endian 16-bit strips are swapped', async () => {
    const bytes = tiff(16);
    const big = Buffer.from(bytes);
    big.write('MM\0*', 0, 'latin1');
    big.writeUInt32BE(bytes.readUInt32LE(4), 4);
    const entries = bytes.readUInt16LE(8);
    big.writeUInt16BE(entries, 8);
    for (let i = 0; i < entries; i += 1) {
      const at = 10 + 12 * i;
      const type = bytes.readUInt16LE(at + 2);
      big.writeUInt16BE(bytes.readUInt16LE(at), at);
      big.writeUInt16BE(type, at + 2);
      big.writeUInt32BE(bytes.readUInt32LE(at + 4), at + 4);
      if (type === 3) big.writeUInt16BE(bytes.readUInt16LE(at + 8), at + 8);
      else big.writeUInt32BE(bytes.readUInt32LE(at + 8), at + 8);
    }
    big.subarray(bytes.length - WIDTH * HEIGHT * 2).swap16();
    expect(Buffer.compare((await prepareImage(big)).input, exact(16))).toBe(0);
  });

  it('a JPEG comes close', async () => {
    const smooth = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 60 + ((i % WIDTH) >> 2));
    const jpeg = await sharp(Buffer.from(smooth), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
      .jpeg({ quality: 95 })
      .toBuffer();
    const { input } = await prepareImage(jpeg);
    const expected = toModelInput(smooth, WIDTH, HEIGHT, 8);
    expect(Math.max(...input.map((value, i) => Math.abs(value - (expected[i] ?? 0))))).toBeLessThanOrEqual(3);
  });
});

describe('colour', () => {
  it.each([
    [[100, 150, 200], 141],
    [[255, 0, 0], 76],
    [[0, 255, 0], 150],
    [[0, 0, 255], 29],
  ])('RGB %j is %d by Y601, as in OpenCV', async ([r = 0, g = 0, b = 0], gray) => {
    const png = await sharp({ create: { width: 80, height: 80, channels: 3, background: { r, g, b } } })
      .png()
      .toBuffer();
    expect((await prepareImage(png)).input[0]).toBe(gray);
  });

  it('alpha is dropped, not painted', async () => {
    const png = await sharp({
      create: { width: 80, height: 80, channels: 4, background: { r: 90, g: 90, b: 90, alpha: 0.1 } },
    })
      .png()
      .toBuffer();
    expect((await prepareImage(png)).input[0]).toBe(90);
  });
});

describe('bit depth', () => {
  it('is the file’s own where it says so', async () => {
    const ome = '<OME><Image><Pixels SignificantBits="14" PhysicalSizeX="0.65"/></Image></OME>';
    const { image, quality } = await prepareImage(tiff(12, ome), { declaredBitDepth: 12 });
    expect(image).toMatchObject({ bitDepth: 14, bitDepthSource: 'file', pixelSize_um: 0.65 });
    expect(quality.flags).not.toContain('bit-depth-assumed');
  });

  it('is study.json’s otherwise', async () => {
    const { image, input } = await prepareImage(tiff(10), { declaredBitDepth: 12 });
    expect(image).toMatchObject({ bitDepth: 12, bitDepthSource: 'study' });
    expect(Buffer.compare(input, toModelInput(pattern(10), WIDTH, HEIGHT, 12))).toBe(0);
  });

  it.each([10, 12, 14])('is the smallest that holds %d-bit data, flagged as assumed', async (bits) => {
    const { image, quality } = await prepareImage(tiff(bits));
    expect(image).toMatchObject({ bitDepth: bits, bitDepthSource: 'assumed' });
    expect(quality.flags).toContain('bit-depth-assumed');
  });

  it('clips and flags data beyond the stated depth', async () => {
    const { input, quality } = await prepareImage(tiff(14), { declaredBitDepth: 12 });
    expect(quality.flags).toContain('exceeds-bit-depth');
    expect(Math.max(...input)).toBe(255);
  });
});

it('reads acquisition time and instrument of MetaSeries files', async () => {
  const description =
    '<MetaData><prop id="spatial-calibration-state" value="on"/><prop id="spatial-calibration-x" value="1.3622"/><prop id="acquisition-time-local" type="time" value="20230921 16:43:07.123"/></MetaData>';
  expect((await prepareImage(tiff(16, description))).image).toMatchObject({
    takenAt: '2023-09-21T16:43:07',
    pixelSize_um: 1.3622,
    instrument: 'MetaXpress',
  });
});

describe('refused with a reason', () => {
  const half = async (image: Sharp): Promise<Buffer> => {
    const bytes = await image.toBuffer();
    return bytes.subarray(0, bytes.length / 2);
  };
  const reject = async (bytes: Buffer, limits = IMAGE_LIMITS): Promise<RejectedImage> => {
    const error: unknown = await prepareImage(bytes, { limits }).catch((caught: unknown) => caught);
    if (!(error instanceof RejectedImage)) throw new Error(`not refused: ${String(error)}`);
    expect(error.remedy.length).toBeGreaterThan(10);
    return error;
  };

  it('a text file named .tif', async () =>
    expect((await reject(Buffer.from('well,compound'))).code).toBe('not-an-image'));
  it('nothing at all', async () => expect((await reject(Buffer.alloc(0))).code).toBe('not-an-image'));
  it('a raw TIFF whose tail is missing', async () =>
    expect((await reject(tiff(16).subarray(0, 100_000))).code).toBe('truncated'));
  it('a PNG whose tail is missing', async () =>
    expect((await reject(await half(as8Bit().png()))).code).toBe('corrupt'));
  it('more bytes than the limit', async () =>
    expect((await reject(tiff(8), { ...IMAGE_LIMITS, maxBytes: 1000 })).code).toBe('too-large'));
  it('a thumbnail', async () =>
    expect(
      (
        await reject(
          await sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } })
            .png()
            .toBuffer(),
        )
      ).code,
    ).toBe('too-small'));
  it('a floating-point TIFF', async () => {
    // RowsPerStrip (278), which has a default, becomes SampleFormat (339) = 3.
    const float = tiff(16);
    float.writeUInt16LE(339, 10 + 12 * 8);
    float.writeUInt32LE(3, 10 + 12 * 8 + 8);
    expect((await reject(float)).code).toBe('unsupported');
  });

  it('a decompression bomb, before it is decoded', async () => {
    const bomb = await sharp({
      create: { width: 20_000, height: 4_000, channels: 3, background: 'white' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await reject(bomb)).code).toBe('too-many-pixels');
  });

  it('a TIFF that claims a gigapixel', async () => {
    const bytes = tiff(8);
    bytes.writeUInt32LE(60_000, 10 + 8);
    bytes.writeUInt32LE(60_000, 10 + 12 + 8);
    expect((await reject(bytes)).code).toBe('too-many-pixels');
  });

  it('anything cut or scrambled: an answer or a refusal, never a crash', async () => {
    const files = [
      tiff(8),
      tiff(12),
      await as16Bit().tiff({ compression: 'lzw' }).toBuffer(),
      await as8Bit().png().toBuffer(),
      await as8Bit().jpeg().toBuffer(),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
        async (file, cut, flips) => {
          const bytes = Buffer.from(file.subarray(0, Math.floor(file.length * cut)));
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          await prepareImage(bytes).catch((error: unknown) => {
            if (!(error instanceof RejectedImage)) throw error;
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
