/**
 * Thresholds of the verdicts, which study.json may set otherwise: conventions, not facts about a patient. Calls at multiples of Cmax (25, 50, 100) are common
 * in the field (Xu 2008, 10.1093/toxsci/kfn109; Albrecht 2019, 10.1007/s00204-019-02492-9); none was derived on image-based viability.
 */
export const VERDICT_THRESHOLDS = {
  /** MOS below this is a strong signal. */
  strongBelow: 10,
  /** MOS up to this is a signal. */
  signalUpTo: 50,
  /** "No loss seen" needs a test up to at least this multiple of Cmax. */
  testedAtLeast: 25,
  /**
   * "No loss seen" needs every dose median at or above this. Controls of one experiment vary by 7 to 21 % (CV). Simulated inert
   * compounds with 8 doses of 2 replicates fall below 0.7 at some dose by chance in 0, 3 and 24 % of the cases at a CV of 7,
   * 14 and 21 %; 0.8 would be crossed in 0, 26 and 53 %, and hide most that can be said; 0.6 would pass a loss of a third.
   */
  everyDoseAtLeast: 0.7,
  /**
   * "No loss seen" needs a fit that loses less than this, in percent, within the tested doses (by chance in 0, 2 and 8 % of the same
   * simulations; a loss of 10 % in 3, 21 and 31 %: such a one is named beside the verdict).
   */
  fitLosesLessThan_percent: 20,
};
export type VerdictThresholds = typeof VERDICT_THRESHOLDS;

/** The conventions with what a study sets in their place. */
export const thresholdsOf = (own: Partial<{ [Name in keyof VerdictThresholds]: number | undefined }> = {}) => ({
  ...VERDICT_THRESHOLDS,
  ...(Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Partial<VerdictThresholds>),
});

/**
 * What vehicle wells must read before anything is normalised to them: conventions. Dead or misread vehicle wells would make dead
 * compounds look as alive as their control.
 */
export const VEHICLE_THRESHOLDS = {
  /** Median, on the model's scale: 1 = as alive as untreated. Far below what a control CV of 21 % explains. */
  atLeast: 0.3,
  /** Median as a share of the untreated wells' median, where there are any: the vehicle itself must not halve viability. */
  ofUntreatedAtLeast: 0.5,
} as const;

/**
 * How far the level of a plate read without vehicle wells may lie from that of the others of its day. Nothing is published of spheroids that a model reads, so the
 * assumed spread is a convention: that of single control wells from which on a plate is for review (Assay Guidance Manual, NBK83783).
 */
export const BORROWED_LEVEL = {
  /** Plates of the day from which on their own spread is taken. */
  measuredFrom: 3,
  /** Standard deviation of plates about their mean, relative to it, where they are fewer. */
  platesDifferBy: 0.2,
} as const;

/** A loss of this much, in percent, at a tested dose is the onset of an effect: what "no loss seen" excludes. A convention. */
export const ONSET_LOSS_percent = 20;

/**
 * Delayed toxicity, beside IC50 intervals that do not overlap: conventions, set by the scatter of controls as above. A dose
 * that stood on the first day, and lost by the last what no control CV of up to 21 % explains.
 */
export const DELAYED_THRESHOLDS = {
  /** Median viability of the dose on the first day. */
  firstDayAtLeast: 0.7,
  /** What its median loses by the last day. */
  fallAtLeast: 0.3,
} as const;
