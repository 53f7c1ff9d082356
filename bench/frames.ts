/** Frames to measure with: simulated spheroids, scaled up to the size that common readers write. */
import sharp from 'sharp';
import { UNSEEN_MECHANISM } from '../simulation/profiles/mechanisms.ts';
import { renderWell } from '../simulation/render/index.ts';

export const WIDTH = 2048;
export const HEIGHT = 1536;
const SIDE = 512;

/** 16-bit gray pixels of which 12 bits are used, as scientific cameras give them. */
export async function frame12(seed: number): Promise<Uint16Array> {
  const { pixels, side, bitDepth } = renderWell({ mechanism: UNSEEN_MECHANISM, viability: 0.7, seed, side: SIDE });
  const shift = bitDepth - 8;
  const { data } = await sharp(
    Uint8Array.from(pixels, (value) => value >> shift),
    { raw: { width: side, height: side, channels: 1 } },
  )
    .resize(WIDTH, HEIGHT, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Sensor noise in the bits that the 8-bit picture did not have: without it compression would be flattered.
  let state = seed >>> 0;
  return Uint16Array.from(data, (value) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.min(4_095, (value << 4) | (state >>> 28));
  });
}

const rawGray = (pixels: Uint8Array | Uint16Array) => ({
  raw: { width: WIDTH, height: HEIGHT, channels: 1 as const },
  ...(pixels instanceof Uint16Array ? { depth: 'ushort' } : {}),
});

const eightBit = (pixels: Uint16Array) => Uint8Array.from(pixels, (value) => value >> 4);

const gray8 = (pixels: Uint16Array) => sharp(eightBit(pixels), rawGray(eightBit(pixels)));
const gray16 = (pixels: Uint16Array) =>
  sharp(
    Uint16Array.from(pixels, (value) => value << 4),
    rawGray(pixels),
  ).toColourspace('grey16');

/** Encodings by name. */
export const FORMATS: Readonly<Record<string, (pixels: Uint16Array) => Promise<Buffer>>> = {
  'TIFF 8 bit raw': (pixels) => gray8(pixels).toColourspace('b-w').tiff({ compression: 'none' }).toBuffer(),
  'TIFF 8 bit LZW': (pixels) =>
    gray8(pixels).toColourspace('b-w').tiff({ compression: 'lzw', predictor: 'none' }).toBuffer(),
  'TIFF 8 bit Deflate': (pixels) =>
    gray8(pixels).toColourspace('b-w').tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer(),
  'TIFF 16 bit raw': (pixels) => gray16(pixels).tiff({ compression: 'none' }).toBuffer(),
  'TIFF 16 bit LZW': (pixels) => gray16(pixels).tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
  'PNG 8 bit': (pixels) => gray8(pixels).toColourspace('b-w').png().toBuffer(),
  'PNG 16 bit': (pixels) => gray16(pixels).png().toBuffer(),
  'JPEG q90': (pixels) => gray8(pixels).toColourspace('b-w').jpeg({ quality: 90 }).toBuffer(),
};
