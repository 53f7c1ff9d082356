import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process works with the folder. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';
}

/** What this process holds: a lock with its own number may also be one that an earlier process of that number left. */
const takenHere = new Set<string>();

/**
 * Takes a data folder for this process alone: two clouds on the same files would overwrite each other's messages. A
 * lock whose process is gone was left by a kill and is taken over. Answers the release.
 *
 * @throws {DataDirInUse}
 */
export function takeDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const lock = join(dataDir, 'lock');
  const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : undefined;
  if (owner !== undefined && (owner === process.pid ? takenHere.has(lock) : isAlive(owner))) {
    throw new DataDirInUse(`${dataDir} is in use by the local cloud of process ${owner}`);
  }
  writeFileSync(lock, String(process.pid));
  takenHere.add(lock);
  return () => {
    takenHere.delete(lock);
    rmSync(lock, { force: true });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
