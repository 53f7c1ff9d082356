/** Where image files lie, as the pipeline would name them, and where what is made of each may be written. */
import { relative, resolve, sep } from 'node:path';
import { parseKey } from '../lambdas/domain/keys.ts';

/** What the pipeline would parse: the path below `exports/{study}/{plate}/`, else the path from the current folder. */
export function pathBelowPlate(file: string): string {
  const path = relative('', file).split(sep).join('/');
  const key = parseKey(path.slice(Math.max(0, path.lastIndexOf('exports/'))));
  return key.kind === 'image' ? key.path : path;
}

/** One place a file below the folder: its name, with as many of its own folders as tell it from the others. */
export function placesBelow(folder: string, files: readonly string[], extension: string): Map<string, string> {
  const places = new Map<string, string>();
  let waiting = [...new Set(files.map((file) => resolve(file)))].map((path) => path.split(sep));
  for (let depth = 1; waiting.length > 0; depth += 1) {
    const tailOf = (parts: readonly string[]): string => parts.slice(-depth).join(sep);
    const count = new Map<string, number>();
    for (const parts of waiting) count.set(tailOf(parts), (count.get(tailOf(parts)) ?? 0) + 1);
    const isSettled = (parts: readonly string[]): boolean => count.get(tailOf(parts)) === 1 || depth >= parts.length;
    for (const parts of waiting.filter(isSettled))
      places.set(
        parts.join(sep),
        `${resolve(folder, ...parts.slice(-depth).filter((part) => part !== ''))}${extension}`,
      );
    waiting = waiting.filter((parts) => !isSettled(parts));
  }
  return new Map(files.map((file) => [file, places.get(resolve(file)) ?? '']));
}
