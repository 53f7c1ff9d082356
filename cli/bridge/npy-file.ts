/** The images of a labelled set as NumPy keeps them: a header to judge before any byte is taken for a picture. */
import type { FileHandle } from 'node:fs/promises';
import { INPUT_SIDE } from '../../lambdas/imaging/index.ts';
import { UserError } from '../console.ts';

/** Magic, version, and the header's length: two bytes in version 1, four in 2 and 3 (numpy.lib.format). */
const MAGIC = '\x93NUMPY';
const LENGTH_AT = 8;
/** A header of three keys is a tenth of this. */
const HEADER_AT_MOST = 4096;

/**
 * @param rows of index.csv
 * @returns where the first image starts, in bytes
 * @throws UserError when the file is no array of uint8 (rows, 256, 256), last index fastest, or is cut short
 */
export async function firstImageAt(file: FileHandle, rows: number, folder: string): Promise<number> {
  const refuse = (what: string): never => {
    throw new UserError(`${folder}/images.npy ${what}`, 'Write the set again by `nvir dataset`.');
  };
  const start = Buffer.alloc(12);
  await file.read(start, 0, start.length, 0);
  if (start.toString('latin1', 0, MAGIC.length) !== MAGIC) refuse('is no array of NumPy');
  const version = start.readUInt8(6);
  if (version < 1 || version > 3) refuse(`is of .npy version ${version}, which is not known`);
  const textAt = LENGTH_AT + (version === 1 ? 2 : 4);
  const length = version === 1 ? start.readUInt16LE(LENGTH_AT) : start.readUInt32LE(LENGTH_AT);
  if (length > HEADER_AT_MOST) refuse('has no header that is understood');
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, textAt);
  const header = text.toString('latin1');
  const type = /'descr': *'([^']*)'/.exec(header)?.[1] ?? 'unknown';
  if (!/^[|<>=]?u1$/.test(type)) refuse(`holds values of type ${type}; images are uint8 (|u1)`);
  if (!/'fortran_order': *False/.test(header)) refuse('is in Fortran order; images are row by row');
  const shape = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number) ?? [];
  const expected = [rows, INPUT_SIDE, INPUT_SIDE];
  if (shape.join() !== expected.join())
    refuse(`has the shape (${shape.join(', ')}), and the ${rows} rows of index.csv need (${expected.join(', ')})`);
  const { size } = await file.stat();
  const whole = textAt + length + rows * INPUT_SIDE * INPUT_SIDE;
  if (size !== whole) refuse(`has ${size} bytes, and its ${rows} images need ${whole}`);
  return textAt + length;
}
