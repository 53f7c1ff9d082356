/** The rarer kinds of files: inverted, several pages, palettes, deep colour, turned pictures, masks; and what their metadata says. */
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { SIMULATION } from '../../lambdas/domain/scoring/simulated.ts';
import { readEmbeddedMetadata } from '../../lambdas/imaging/embedded-metadata.ts';
import { prepareImage, RejectedImage } from '../../lambdas/imaging/index.ts';
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { encodeTiff } from '../../simulation/screen/tiff.ts';

const WIDTH = 300;
const HEIGHT = 280;
const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };

/** Gray values without any symmetry, so that a turned or mirrored picture is another one. */
const pattern = (top = 255): Uint8Array =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH) * 0.5 + Math.floor(i / WIDTH) * 0.2 + (top - 255));
const gray = (): Sharp => sharp(pattern(), { raw }).toColourspace('b-w');
const exact = (pixels = pattern()): Uint8Array => toModelInput(pixels, WIDTH, HEIGHT, 8);

const tiff = (over: { description?: string; bitDepth?: number; pixels?: Uint16Array } = {}): Buffer =>
  encodeTiff({
    pixels: Uint16Array.from(pattern()),
    width: WIDTH,
    height: HEIGHT,
    bitDepth: 8,
    takenAt: new Date('2026-03-09T10:15:00Z'),
    description: '',
    ...over,
  });

/** Sets a SHORT entry of a TIFF that {@link encodeTiff} made; the description (270) gives its place to a new one. */
function withTag(bytes: Buffer, tag: number, value: number): Buffer {
  const entries = Array.from({ length: bytes.readUInt16LE(8) }, (_, i) => 10 + 12 * i);
  const at =
    entries.find((entry) => bytes.readUInt16LE(entry) === tag) ?? entries.find((e) => bytes.readUInt16LE(e) === 270);
  if (at === undefined) throw new Error('no entry to write to');
  bytes.writeUInt16LE(tag, at);
  bytes.writeUInt16LE(3, at + 2);
  bytes.writeUInt32LE(1, at + 4);
  bytes.writeUInt32LE(value, at + 8);
  // libtiff warns of tags out of order, and a warning is a refusal.
  const sorted = entries
    .map((entry) => Buffer.from(bytes.subarray(entry, entry + 12)))
    .sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  Buffer.concat(sorted).copy(bytes, 10);
  return bytes;
}

const refusal = async (bytes: Buffer): Promise<RejectedImage> => {
  const error: unknown = await prepareImage(bytes).catch((caught: unknown) => caught);
  if (!(error instanceof RejectedImage)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe('white is zero', () => {
  const inverted = pattern().map((value) => 255 - value);

  it('in raw strips is turned to black', async () => {
    const { input } = await prepareImage(withTag(tiff(), 262, 0));
    expect(Buffer.compare(input, exact(inverted))).toBe(0);
  });

  it('of 16 bits is turned to black', async () => {
    const pixels = Uint16Array.from(pattern(), (value) => value * 257);
    const bytes = withTag(tiff({ pixels, bitDepth: 16 }), 262, 0);
    const expected = pixels.map((value) => 65_535 - value);
    expect(Buffer.compare((await prepareImage(bytes)).input, toModelInput(expected, WIDTH, HEIGHT, 16))).toBe(0);
  });

  it('behind compression is turned to black as well', async () => {
    // libvips writes it for 1-bit pictures only: the tag of an ordinary one is changed.
    const bytes = await gray().tiff({ compression: 'lzw' }).toBuffer();
    const directory = bytes.readUInt32LE(4);
    for (let at = directory + 2; at < directory + 2 + 12 * bytes.readUInt16LE(directory); at += 12)
      if (bytes.readUInt16LE(at) === 262) bytes.writeUInt16LE(0, at + 8);
    expect(Buffer.compare((await prepareImage(bytes)).input, exact(inverted))).toBe(0);
  });
});

it('of several pages the first is read, and flagged', async () => {
  const first = tiff();
  const second = tiff({ pixels: new Uint16Array(WIDTH * HEIGHT) });
  // The second file lies behind the first, its offsets moved, and the first directory names it as the next.
  const start = first.length + (first.length % 2);
  const entries = second.readUInt16LE(8);
  for (let at = 10; at < 10 + 12 * entries; at += 12)
    if ([270, 273, 306].includes(second.readUInt16LE(at)))
      second.writeUInt32LE(second.readUInt32LE(at + 8) + start, at + 8);
  const both = Buffer.concat([first, Buffer.alloc(start - first.length), second]);
  both.writeUInt32LE(start + 8, 10 + 12 * first.readUInt16LE(8));
  const { input, image, quality } = await prepareImage(both);
  expect(image.pages).toBe(2);
  expect(quality.flags).toContain('first-of-several-pages');
  expect(Buffer.compare(input, exact())).toBe(0);
});

describe('colour', () => {
  it('of an 8-bit palette is looked up before it becomes gray', async () => {
    const many = Buffer.from(
      Uint8Array.from({ length: 80 * 80 * 3 }, (_, i) => (i % 3 === 0 ? Math.floor(i / 240) * 3 : 0)),
    );
    const png = await sharp(many, { raw: { width: 80, height: 80, channels: 3 } })
      .png({ palette: true, colours: 256, dither: 0 })
      .toBuffer();
    expect(await sharp(png).metadata()).toMatchObject({ isPalette: true, bitsPerSample: 8 });
    const { input } = await prepareImage(png);
    // Red alone, 0 to 237 from top to bottom, by Y601.
    expect(input[0]).toBeLessThanOrEqual(3);
    expect(Math.abs((input.at(-1) ?? 0) - 0.299 * 237)).toBeLessThanOrEqual(3);
  });

  it('of 16 bits keeps its depth', async () => {
    const rgb = Uint16Array.from({ length: 80 * 80 * 3 }, (_, i) => [40_000, 20_000, 10_000][i % 3] ?? 0);
    const png = await sharp(rgb, { raw: { width: 80, height: 80, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const { image, input } = await prepareImage(png);
    expect(image).toMatchObject({ bitDepth: 16, bitDepthSource: 'assumed' });
    expect(input[0]).toBe(Math.floor((0.299 * 40_000 + 0.587 * 20_000 + 0.114 * 10_000) / 256));
  });
});

describe('a turned picture is turned back', () => {
  const upright = async (orientation: number): Promise<Uint8Array> => {
    const turned = sharp(await sharp(pattern(), { raw }).toColourspace('b-w').png().toBuffer());
    const { data, info } = await (orientation === 3 ? turned.rotate(180) : turned.rotate(90))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return toModelInput(Uint8Array.from(data), info.width, info.height, 8);
  };

  it.each([3, 6])('orientation %d, in every format', async (orientation) => {
    const expected = await upright(orientation);
    const files = {
      raw: withTag(tiff(), 274, orientation),
      lzw: await gray().withMetadata({ orientation }).tiff({ compression: 'lzw' }).toBuffer(),
      png: await gray().withMetadata({ orientation }).png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const { input, image } = await prepareImage(bytes);
      expect([name, Buffer.compare(input, expected)]).toEqual([name, 0]);
      expect(image.width).toBe(orientation === 6 ? HEIGHT : WIDTH);
    }
    const jpeg = await gray().withMetadata({ orientation }).jpeg({ quality: 98 }).toBuffer();
    const { input } = await prepareImage(jpeg);
    expect(Math.max(...input.map((value, i) => Math.abs(value - (expected[i] ?? 0))))).toBeLessThanOrEqual(3);
  });
});

describe('a mask is refused', () => {
  const black = (): Sharp => sharp({ create: { width: 80, height: 80, channels: 3, background: 'black' } });
  it.each([
    ['1-bit PNG', () => black().png({ palette: true, colours: 2 }).toBuffer()],
    ['1-bit TIFF', () => black().toColourspace('b-w').tiff({ bitdepth: 1 }).toBuffer()],
    ['4-bit TIFF', () => black().toColourspace('b-w').tiff({ bitdepth: 4 }).toBuffer()],
  ])('as %s', async (_name, make) => {
    const { code, reason } = await refusal(await make());
    expect(code).toBe('unsupported');
    expect(reason).toMatch(/^[14]-bit unsigned samples are not read$/);
  });
});

describe('EXIF', () => {
  const original = { IFD0: { DateTime: '2026:03:10 08:00:00' }, IFD2: { DateTimeOriginal: '2026:03:09 10:15:00' } };

  it.each([
    ['JPEG', (image: Sharp) => image.jpeg().toBuffer()],
    ['PNG', (image: Sharp) => image.png().toBuffer()],
  ])('says when a %s was taken', async (_name, write) => {
    const { image } = await prepareImage(await write(gray().withExif(original)));
    expect(image.takenAt).toBe('2026-03-09T10:15:00');
  });

  it('says when it was written, where nothing else', async () => {
    const bytes = await gray().withExif({ IFD0: original.IFD0 }).jpeg().toBuffer();
    expect((await prepareImage(bytes)).image.takenAt).toBe('2026-03-10T08:00:00');
  });

  it('that is broken says nothing, and the picture is read', async () => {
    const bytes = await gray().withExif(original).jpeg().toBuffer();
    const at = bytes.indexOf('Exif\0\0') + 6;
    bytes.writeUInt32LE(0xffff_fff0, at + 4);
    const { image } = await prepareImage(bytes).catch((error: unknown) => {
      if (error instanceof RejectedImage) return { image: { takenAt: undefined } };
      throw error;
    });
    expect(image.takenAt).toBeUndefined();
  });
});

describe('embedded metadata', () => {
  it('says that an image was simulated, whatever the notes say', async () => {
    const { image } = await prepareImage(tiff({ description: 'SIMULATED IMAGES: well B03 of P1, day 7' }));
    expect(image.instrument).toBe(SIMULATION);
  });

  it.each([
    ['half tags of OME', '<OME', '<Microscope Model'],
    ['half properties', '<MetaData>', '<prop id="acquisition-time-local" '],
    ['properties without end', '<MetaData><prop ', 'id="acquisition-time-local" '],
  ])('is found or not in linear time: %s', (_what, start, repeated) => {
    const began = process.cpuUsage();
    readEmbeddedMetadata(start + repeated.repeat(200_000), undefined);
    // Quadratic time would take minutes.
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(2);
  });

  it('is looked for in the first 64 KB of a description', () => {
    const bits = '<OME><Pixels SignificantBits="12"/></OME>';
    expect(readEmbeddedMetadata(`${' '.repeat(65_000)}${bits}`, undefined).significantBits).toBe(12);
    expect(readEmbeddedMetadata(`${' '.repeat(70_000)}${bits}`, undefined).significantBits).toBeUndefined();
  });
});
