/** Stands for the model's container: answers by the wire format, at once, so that a run measures wires and not weights. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PIXELS = 256 * 256;
/** `\x93NUMPY`, version, and the header's length. */
const PREAMBLE_BYTES = 10;

export async function startModelServer(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const pixels = body.length === 0 ? body : body.subarray(PREAMBLE_BYTES + body.readUInt16LE(8));
      const viability = Array.from(
        { length: pixels.length / PIXELS },
        (_, index) => (pixels[index * PIXELS] ?? 0) / 255,
      );
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ viability, model: { name: 'nvir', version: 'test', sha256: '', variant: 'test' } }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
