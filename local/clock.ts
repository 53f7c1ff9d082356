import type { Clock } from './contract.ts';

/** True wall time, with the waits of queues, retries and schedules divided by `rate`. */
export function createClock(rate: number): Clock {
  if (!(rate > 0)) throw new Error(`clockRate ${rate} is not above 0`);
  return { rate, now: () => Date.now(), scaled: (nominalMs) => nominalMs / rate };
}
