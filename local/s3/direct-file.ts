/**
 * Files that are read and written past the system's page cache. The bytes of an image go in once and come out once: keeping them in
 * the cache costs more CPU than moving them, most of all on a virtual machine, where memory not used lately is not really there.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { giveBack, takePiece } from './page-memory.ts';

/** Offsets and lengths are multiples of it. */
const BLOCK_BYTES = 4096;
/** Notes and small pictures are better off in the cache. */
const SMALLEST_DIRECT_BYTES = 256 * 1024;

/** Opens a file of that many bytes, or less, past the cache if it is large and the file system can. */
export async function openFor(bytes: number, file: string, flags: number): Promise<FileHandle> {
  // Not every system has the flag.
  const direct: number | undefined = constants.O_DIRECT;
  if (bytes < SMALLEST_DIRECT_BYTES || direct === undefined) return open(file, flags);
  try {
    return await open(file, flags | direct);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
    return open(file, flags);
  }
}

/** The start of the block that a byte lies in. */
export const blockStart = (at: number): number => at - (at % BLOCK_BYTES);

/** A new file that is written from its start to its end. */
export class FileWriter {
  private handle: FileHandle | undefined;
  private readonly piece = takePiece();
  private filled = 0;
  private written = 0;

  constructor(private readonly file: string) {}

  async write(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(this.piece, this.filled, from);
      from += copied;
      this.filled += copied;
      if (this.filled === this.piece.length) await this.flush();
    }
  }

  /** Writes what is left; the file is whole then. */
  async end(): Promise<void> {
    const size = this.written + this.filled;
    await this.flush();
    if (this.written > size) await this.handle?.truncate(size);
  }

  /** Whatever became of the file. */
  async close(): Promise<void> {
    await this.handle?.close();
    giveBack(this.piece);
  }

  /** The last piece of a large file is filled up to whole blocks, with bytes that `end` cuts off. */
  private async flush(): Promise<void> {
    const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
    this.handle ??= await openFor(this.filled, this.file, O_WRONLY | O_CREAT | O_TRUNC);
    const small = this.written + this.filled < SMALLEST_DIRECT_BYTES;
    const until = small ? this.filled : blockStart(this.filled + BLOCK_BYTES - 1);
    for (let from = 0; from < until; ) {
      const { bytesWritten } = await this.handle.write(this.piece, from, until - from, this.written + from);
      from += bytesWritten;
    }
    this.written += until;
    this.filled = 0;
  }
}
