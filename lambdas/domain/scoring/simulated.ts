/** Whether a study's images are simulated: by its notes, or by the files' own word where notes are missing or wrong. */

import type { Study } from '../notes/study.ts';
import type { Reading } from '../reads/reading.ts';

/** What imaging gives as the instrument of an image that says that it was simulated. */
export const SIMULATION = 'simulation';

export const isSimulated = (notes: Study | undefined, readings: Iterable<Reading>): boolean => {
  if (notes?.simulated) return true;
  for (const { image } of readings) if (image?.instrument === SIMULATION) return true;
  return false;
};
