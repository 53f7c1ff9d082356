import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Protocol buffers, as much as an ONNX file needs: a field is a varint or a run of bytes. */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
const number = (field: number, value: number) => Buffer.from([...varint(field << 3), ...varint(value)]);
const bytes = (field: number, value: Buffer | string) => {
  const content = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
};
const message = (field: number, ...parts: Buffer[]) => bytes(field, Buffer.concat(parts));

const FLOAT = 1;
const UINT8 = 2;
const INT = 2;
const INTS = 7;

const node = (type: string, inputs: string[], output: string, ...attributes: Buffer[]) =>
  message(1, ...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, type), ...attributes);
const value = (field: number, name: string, type: number, shape: (number | string)[]) =>
  message(
    field,
    bytes(1, name),
    message(
      2,
      message(
        1,
        number(1, type),
        message(2, ...shape.map((dim) => message(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim)))),
      ),
    ),
  );

const CALIBRATED = ['half_width_90', 'domain_distance', 'shared_half_width_90'];

/**
 * An ONNX graph that answers the mean gray of each image, divided by 255; a calibrated one answers a 255th of that as half
 * width and as what is shared of it, and the mean gray as distance.
 */
function meanGrayGraph(size: number, calibrated: boolean): Buffer {
  const scale = Buffer.alloc(4);
  scale.writeFloatLE(1 / 255);
  const graph = message(
    7,
    node('Cast', ['images'], 'floats', message(5, bytes(1, 'to'), number(3, FLOAT), number(20, INT))),
    node(
      'ReduceMean',
      ['floats'],
      'means',
      message(5, bytes(1, 'axes'), number(8, 1), number(8, 2), number(20, INTS)),
      message(5, bytes(1, 'keepdims'), number(3, 0), number(20, INT)),
    ),
    node('Mul', ['means', 'scale'], 'viability'),
    ...(calibrated
      ? [
          node('Mul', ['viability', 'scale'], 'half_width_90'),
          node('Identity', ['means'], 'domain_distance'),
          node('Identity', ['half_width_90'], 'shared_half_width_90'),
        ]
      : []),
    bytes(2, 'mean-gray'),
    message(5, number(2, FLOAT), bytes(8, 'scale'), bytes(9, scale)),
    value(11, 'images', UINT8, ['N', size, size]),
    value(12, 'viability', FLOAT, ['N']),
    ...(calibrated ? CALIBRATED.map((name) => value(12, name, FLOAT, ['N'])) : []),
  );
  return Buffer.concat([number(1, 8), graph, message(8, bytes(1, ''), number(2, 13))]);
}

/** A model folder in the form of the container's, whose viability is the mean gray of an image. */
export function writeTinyModel(directory: string, size = 256, calibrated = false): void {
  mkdirSync(directory, { recursive: true });
  const graph = meanGrayGraph(size, calibrated);
  writeFileSync(join(directory, 'tiny.onnx'), graph);
  const model = {
    name: 'tiny',
    version: '1.0.0',
    sha256: 'f'.repeat(64),
    variants: { int8: { file: 'tiny.onnx', sha256: createHash('sha256').update(graph).digest('hex') } },
    trainedOn: 'nothing',
    input: { name: 'images', dtype: 'uint8', shape: ['N', size, size] },
    output: { name: 'viability', shape: ['N'] },
    // What the graph's half widths are, as an export states it: viabilities evenly from 0 to 1, and all of it shared.
    ...(calibrated && {
      calibration: {
        spreadAtKnots: [0, 0.25, 0.5, 0.75, 1].map((viability) => viability / 255),
        scale: 1,
        growth: 0,
        sharedAtKnots: [1, 1, 1, 1, 1],
      },
    }),
  };
  writeFileSync(join(directory, 'model.json'), `${JSON.stringify(model, null, 2)}\n`);
}

/** What `numpy.save` writes for uint8 images. */
export function npy(pixels: Uint8Array, shape: readonly number[]): Buffer {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([start, length, Buffer.from(padded, 'latin1'), pixels]);
}
