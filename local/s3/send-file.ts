import { constants } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { BLOCK_BYTES, blockStart, DirectFile, SMALLEST_DIRECT_BYTES } from './direct-file.ts';
import { giveBack, type Piece, takePiece } from './page-memory.ts';

/** Sends a file's bytes from `start` to `end` as the body of a response. */
export async function sendFile(file: string, start: number, end: number, response: ServerResponse): Promise<void> {
  const piece = pieceFor(end + 1 - start);
  const handle = await DirectFile.open(file, constants.O_RDONLY, piece.aligned);
  try {
    for (let at = start; at <= end; ) {
      const from = blockStart(at);
      const bytesRead = await handle.read(piece.bytes, from);
      const until = Math.min(from + bytesRead, end + 1);
      if (until <= at) throw new Error(`${file} ends before byte ${end}`);
      await written(response, piece.bytes.subarray(at - from, until - from));
      at = until;
    }
    response.end();
    // Only now has the system taken every byte; after a failure the piece may still be on its way.
    giveBack(piece);
  } finally {
    await handle.close();
  }
}

/** A small part goes through memory of its own size, and the block before it. */
const pieceFor = (bytes: number): Piece =>
  bytes < SMALLEST_DIRECT_BYTES ? { bytes: Buffer.allocUnsafe(bytes + BLOCK_BYTES), aligned: false } : takePiece();

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
