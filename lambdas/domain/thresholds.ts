/**
 * Thresholds of the verdicts: conventions, not facts about a patient. Calls at multiples of Cmax (25, 50, 100) are common
 * in the field (Xu 2008, 10.1093/toxsci/kfn109; Albrecht 2019, 10.1007/s00204-019-02492-9); none was derived on image-based viability.
 */
export const VERDICT_THRESHOLDS = {
  /** MOS below this is a strong signal. */
  strongBelow: 10,
  /** MOS up to this is a signal. */
  signalUpTo: 50,
  /** "No loss seen" needs a test up to at least this multiple of Cmax. */
  testedAtLeast: 25,
} as const;
