/**
 * How far a heap through which images pass may grow before all of it is looked through for what nobody needs. V8 counts the pieces of
 * bodies, which die young, like objects that stay: left to itself it marks a heap of 30 MB after each 10 MB that pass.
 */
import { setFlagsFromString } from 'node:v8';

/** To four times of what was left the last time. V8 reads it after each look. */
export const HEAP_GROWTH = '--heap-growing-percent=300';

/** For this process. */
export function letHeapGrow(): void {
  setFlagsFromString(HEAP_GROWTH);
}
