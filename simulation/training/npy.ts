/** NumPy's .npy, version 1.0, for uint8 arrays: the header that goes before the bytes. */
export function npyHeader(shape: readonly number[]): Buffer {
  const dictionary = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const unpadded = 10 + dictionary.length + 1;
  const text = `${dictionary}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`;
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(text.length, 8);
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
}
