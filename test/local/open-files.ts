/** Which files this process holds open; only Linux tells. */
import { readdirSync, readlinkSync } from 'node:fs';

export const tellsOpenFiles = process.platform === 'linux';

/** @returns the paths of open files below a path, also of those that are deleted. */
export function openFilesBelow(path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${descriptor}`);
      return file.startsWith(path) ? [file] : [];
    } catch {
      // The one that lists the others.
      return [];
    }
  });
}
