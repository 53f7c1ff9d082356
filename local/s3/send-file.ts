import { constants } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { blockStart, openFor } from './direct-file.ts';
import { giveBack, takePiece } from './page-memory.ts';

/** Sends a file's bytes from `start` to `end` as the body of a response. */
export async function sendFile(file: string, start: number, end: number, response: ServerResponse): Promise<void> {
  const handle = await openFor(end + 1 - start, file, constants.O_RDONLY);
  const piece = takePiece();
  try {
    for (let at = start; at <= end; ) {
      const from = blockStart(at);
      const { bytesRead } = await handle.read(piece, 0, piece.length, from);
      const until = Math.min(from + bytesRead, end + 1);
      if (until <= at) throw new Error(`${file} ends before byte ${end}`);
      await written(response, piece.subarray(at - from, until - from));
      at = until;
    }
    response.end();
    // Only now has the system taken every byte; after a failure the piece may still be on its way.
    giveBack(piece);
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
