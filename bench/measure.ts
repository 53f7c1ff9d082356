import { readFileSync } from 'node:fs';

/** Runs a task again and again, after one run to warm up; answers runs a second. */
export async function perSecond(runs: number, task: () => unknown): Promise<number> {
  await task();
  const started = performance.now();
  for (let i = 0; i < runs; i++) await task();
  return (1000 * runs) / (performance.now() - started);
}

/** Runs a task again and again, after one round to warm up; answers runs a second of processor time: what one core does. */
export function perCoreSecond(runs: number, task: (run: number) => unknown): number {
  for (let i = 0; i < runs; i++) task(i);
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) task(i);
  const { user, system } = process.cpuUsage(before);
  return (1e6 * runs) / (user + system);
}

/** Memory of processes in MB, pages that several of them share counted once for each: an upper bound. */
export function residentMegabytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentOf(pid), 0);
}

function residentOf(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kib) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
