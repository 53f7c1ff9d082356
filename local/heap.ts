/**
 * How far the heap of the cloud's process may grow before all of it is looked through for what nobody needs. V8 counts the pieces of
 * bodies that pass through, which die young, like objects that stay: left to itself it marks a heap of 30 MB after each 10 MB that pass.
 */
import { setFlagsFromString } from 'node:v8';

/** To four times of what was left the last time. V8 reads it after each look. */
const GROWTH_PERCENT = 300;

export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
