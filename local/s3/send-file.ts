import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

const BUFFER_BYTES = 1024 * 1024;
const MOST_SPARES = 4;
const spares: Buffer[] = [];

/**
 * Sends a file's bytes from `start` to `end` as the body of a response. Its buffers are used again: fresh ones cost more
 * CPU (page faults, garbage collection) than reading and sending do.
 */
export async function sendFile(file: string, start: number, end: number, response: ServerResponse): Promise<void> {
  const handle = await open(file, 'r');
  const buffer = spares.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  try {
    for (let at = start; at <= end; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(BUFFER_BYTES, end + 1 - at), at);
      if (bytesRead === 0) throw new Error(`${file} ends before byte ${end}`);
      await written(response, buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    response.end();
    // Only now has the system taken every byte; after a failure the buffer may still be on its way.
    if (spares.length < MOST_SPARES) spares.push(buffer);
  } finally {
    await handle.close();
  }
}

function written(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client went away'));
    response.once('close', gone);
    response.write(bytes, (error) => {
      response.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}
