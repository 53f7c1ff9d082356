/**
 * Memory for the files of images, used again from one to the next: fresh megabytes cost more CPU (page faults, garbage
 * collection) than reading a file into them.
 */

/** Larger files get memory of their own, so that a rare giant does not stay. */
const KEPT_BYTES = 16 * 1024 * 1024;
const spares: Uint8Array[] = [];

/** Runs `work` with a place to read one file to, which is somebody else's as soon as `work` has ended. */
export async function withFrameMemory<T>(work: (memory: (bytes: number) => Uint8Array) => Promise<T>): Promise<T> {
  let own = spares.pop();
  try {
    return await work((bytes) => {
      if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
      if (own === undefined || own.length < bytes) own = Buffer.allocUnsafeSlow(bytes);
      return own;
    });
  } finally {
    if (own) spares.push(own);
  }
}
