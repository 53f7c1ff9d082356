/** NumPy's array file, version 1.0: what the model's container takes. */

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
const ALIGNMENT = 64;

/** A uint8 array of shape (N, 256, 256), C order, from N inputs of 65,536 bytes. */
export function encodeNpy(inputs: readonly Uint8Array[]): Uint8Array {
  const dictionary = `{'descr': '|u1', 'fortran_order': False, 'shape': (${inputs.length}, 256, 256), }`;
  // Magic, two bytes of length, the dictionary, spaces and a newline fill whole blocks.
  const unpadded = MAGIC.length + 2 + dictionary.length + 1;
  const header = Buffer.alloc(Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT, ' ');
  MAGIC.copy(header);
  header.writeUInt16LE(header.length - MAGIC.length - 2, MAGIC.length);
  header.write(dictionary, MAGIC.length + 2, 'latin1');
  header.write('\n', header.length - 1);
  return Buffer.concat([header, ...inputs]);
}
