/** An array of uint8 images as NumPy writes it. */
export interface ImageArray {
  count: number;
  height: number;
  width: number;
  pixels: Buffer;
}

/** Reads a `.npy` body of shape (N, height, width), dtype uint8, C order. @throws with what is wrong about it. */
export function parseImages(body: Buffer): ImageArray {
  if (body.length < 10 || body.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('the body is not a .npy file');
  const major = body[6];
  const headerStart = major === 1 ? 10 : 12;
  const headerLength = major === 1 ? body.readUInt16LE(8) : body.readUInt32LE(8);
  const header = body.toString('latin1', headerStart, headerStart + headerLength);
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  if (dtype !== '|u1' && dtype !== 'u1') throw new Error(`the array is ${dtype ?? 'of no dtype'}, not uint8`);
  if (!/'fortran_order':\s*False/.test(header)) throw new Error('the array is not in C order');
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const [count, height, width] = shape;
  if (shape.length !== 3 || !count || !height || !width) throw new Error(`the array's shape is (${shape.join(', ')})`);
  const pixels = body.subarray(headerStart + headerLength);
  if (pixels.length !== count * height * width) {
    throw new Error(`${pixels.length} bytes of pixels for shape (${shape.join(', ')})`);
  }
  return { count, height, width, pixels };
}
