/**
 * Files that are read and written past the system's page cache. The bytes of an image go in once and come out once: keeping them in
 * the cache costs more CPU than moving them, most of all on a virtual machine, where memory not used lately is not really there.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Offsets and lengths are multiples of it. */
export const BLOCK_BYTES = 4096;
/** Notes and small pictures are better off in the cache. */
export const SMALLEST_DIRECT_BYTES = 256 * 1024;

/** The start of the block that a byte lies in. */
export const blockStart = (at: number): number => at - (at % BLOCK_BYTES);

/** Past the cache for as long as the file system takes it: some refuse when the file is opened, some when it is read or written. */
export class DirectFile {
  private constructor(
    private readonly file: string,
    private readonly flags: number,
    private handle: FileHandle,
    private direct: boolean,
  ) {}

  /** @param direct whether its bytes are many, and move through memory that begins at a page */
  static async open(file: string, flags: number, direct: boolean): Promise<DirectFile> {
    // Not every system has the flag.
    const flag: number | undefined = constants.O_DIRECT;
    if (!direct || flag === undefined) return new DirectFile(file, flags, await open(file, flags), false);
    try {
      return new DirectFile(file, flags, await open(file, flags | flag), true);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return new DirectFile(file, flags, await open(file, flags), false);
    }
  }

  /** @returns how many bytes came. */
  async read(into: Buffer, position: number): Promise<number> {
    const { bytesRead } = await this.attempt((handle) => handle.read(into, 0, into.length, position));
    return bytesRead;
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      // After a part that ends within a block the rest is refused, and goes through the cache.
      const { bytesWritten } = await this.attempt((handle) =>
        handle.write(bytes, from, bytes.length - from, position + from),
      );
      from += bytesWritten;
    }
  }

  async truncate(bytes: number): Promise<void> {
    await this.handle.truncate(bytes);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async attempt<T>(io: (handle: FileHandle) => Promise<T>): Promise<T> {
    try {
      return await io(this.handle);
    } catch (error) {
      if (!this.direct || !isRefusal(error)) throw error;
      const refused = this.handle;
      this.handle = await open(this.file, this.flags & ~(constants.O_CREAT | constants.O_TRUNC));
      this.direct = false;
      await refused.close();
      return io(this.handle);
    }
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EINVAL';
