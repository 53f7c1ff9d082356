import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { BLOCK_BYTES, blockStart, DirectFile, SMALLEST_DIRECT_BYTES } from './direct-file.ts';
import { giveBack, type Piece, takePiece } from './page-memory.ts';

/** A new file that is written from its start to its end. */
export class FileWriter {
  /** What has come while it may still be a small file, which takes no page memory. */
  private small: Buffer[] = [];
  private out: DirectFile | undefined;
  private piece: Piece | undefined;
  private filled = 0;
  private written = 0;

  constructor(private readonly file: string) {}

  async write(bytes: Buffer): Promise<void> {
    if (this.piece) return this.fill(this.piece, bytes);
    this.small.push(bytes);
    this.filled += bytes.length;
    if (this.filled < SMALLEST_DIRECT_BYTES) return;
    const parts = this.small;
    this.small = [];
    this.filled = 0;
    this.piece = takePiece();
    for (const part of parts) await this.fill(this.piece, part);
  }

  /** Writes what is left; the file is whole then. */
  async end(): Promise<void> {
    if (!this.piece) return writeFile(this.file, Buffer.concat(this.small));
    const size = this.written + this.filled;
    await this.flush(this.piece);
    if (this.written > size) await this.out?.truncate(size);
  }

  /** Whatever became of the file. */
  async close(): Promise<void> {
    if (this.piece) giveBack(this.piece);
    this.piece = undefined;
    await this.out?.close();
  }

  private async fill(piece: Piece, bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(piece.bytes, this.filled, from);
      from += copied;
      this.filled += copied;
      if (this.filled === piece.bytes.length) await this.flush(piece);
    }
  }

  /** The last piece is filled up to whole blocks, with bytes that `end` cuts off. */
  private async flush({ bytes, aligned }: Piece): Promise<void> {
    const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
    this.out ??= await DirectFile.open(this.file, O_WRONLY | O_CREAT | O_TRUNC, aligned);
    const until = blockStart(this.filled + BLOCK_BYTES - 1);
    await this.out.write(bytes.subarray(0, until), this.written);
    this.written += until;
    this.filled = 0;
  }
}
