import { readFileSync } from 'node:fs';

/**
 * How far a process may stand above its function's MemorySize before it is killed. Lambda counts less than the resident
 * set shows here: pages of the Node binary and shared libraries that every child maps.
 */
export const MEMORY_ALLOWANCE_MIB = 96;

/** Resident memory of a process in MiB, or undefined where the system does not say (no /proc, or it just ended). */
export function residentMiB(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
