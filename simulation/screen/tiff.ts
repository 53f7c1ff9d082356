/** Uncompressed gray TIFF as instruments write it (TIFF 6.0): one strip, with acquisition time and description. */

export interface TiffFrame {
  pixels: Uint16Array;
  width: number;
  height: number;
  bitDepth: number;
  /** Local time of the lab. */
  takenAt: Date;
  description: string;
}

const ASCII = 2;
const SHORT = 3;
const LONG = 4;

/** Up to 8 bits are written as 8-bit samples, more as 16-bit ones. */
export function encodeTiff(frame: TiffFrame): Buffer {
  const bits = frame.bitDepth <= 8 ? 8 : 16;
  const data =
    bits === 8
      ? Buffer.from(Uint8Array.from(frame.pixels))
      : Buffer.from(frame.pixels.buffer, frame.pixels.byteOffset, frame.pixels.byteLength);
  const description = Buffer.from(`${frame.description}\0`, 'utf8');
  const dateTime = Buffer.from(`${tiffTime(frame.takenAt)}\0`, 'latin1');
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, LONG, 1, frame.width],
    [257, LONG, 1, frame.height],
    [258, SHORT, 1, bits],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 1],
    [270, ASCII, description.length, 0],
    [273, LONG, 1, 0],
    [277, SHORT, 1, 1],
    [278, LONG, 1, frame.height],
    [279, LONG, 1, data.length],
    [306, ASCII, dateTime.length, 0],
  ];
  const directoryLength = 2 + 12 * entries.length + 4;
  const descriptionAt = 8 + directoryLength;
  const dateTimeAt = descriptionAt + description.length + (description.length % 2);
  const dataAt = dateTimeAt + dateTime.length;
  const values: Record<number, number> = { 270: descriptionAt, 273: dataAt, 306: dateTimeAt };

  const head = Buffer.alloc(dataAt);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(values[tag] ?? value, at + 8);
  }
  description.copy(head, descriptionAt);
  dateTime.copy(head, dateTimeAt);
  return Buffer.concat([head, data]);
}

/** `2026:03:02 10:15:00` */
const tiffTime = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', ':');
