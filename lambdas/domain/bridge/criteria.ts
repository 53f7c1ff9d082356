/**
 * When a model holds on a new microscope or donor: fixed here before any well is looked at. Conventions, each with its reason; the
 * whole 95 % interval must lie inside for a criterion to be met, and the whole of it outside for it to be failed (as in tests of
 * equivalence, Schuirmann 1987, 10.1007/BF01068419).
 */
export const BRIDGE_CRITERIA = {
  /**
   * Mean of prediction minus label. Controls of one experiment vary by 7 to 21 % (CV): a shift below the noise of one well. On a curve
   * of slope 1 it moves the IC50 by 1.5 ×, within the 2 × to which laboratories agree on 12 of 17 drugs.
   */
  bias: { atLeast: -0.1, atMost: 0.1 },
  /** Of label on prediction; 1 = a predicted loss of a half is a half. The limits of bioequivalence, a ratio of 1.25 either way. */
  slope: { atLeast: 0.8, atMost: 1.25 },
  /** Mean absolute error against labels that themselves carry the noise of a well and of its control. */
  mae: { atLeast: 0, atMost: 0.15 },
  /**
   * Share of wells for which image and ATP agree whether half of the viability or more is lost. ATP agrees with a second ATP of the
   * same well on 0.92, where wells spread evenly from dead to alive and vary by 14 % (CV): 2 · 0.07 / √π near the limit disagree.
   */
  agreement: { atLeast: 0.8, atMost: 1 },
} as const;

export type CriterionName = keyof typeof BRIDGE_CRITERIA;

/** Viability below which half or more is lost. */
export const LOSS_CALL_BELOW = 0.5;

/** Less than this says nothing either way. */
export const LEAST_EVIDENCE = {
  /** With 24 of 24 calls alike, the agreement's lower limit is 0.86, with 23 it is 0.80: fewer could hardly meet it. */
  wells: 24,
  /** Wells of a plate share its control's error; an interval over two plates has one degree of freedom. */
  plates: 3,
  /** Wells on each side of a loss of a half. */
  wellsEachSide: 6,
  /** Between the 10th and 90th percentile of labels: a slope over a narrow range is noise. */
  labelSpread: 0.4,
} as const;

/** A recalibration is a version of its own, and needs more than a judgement does. */
export const RECALIBRATION_EVIDENCE = {
  wells: 48,
  /** Each is left out once, and the line must still be fitted on three. */
  plates: 4,
  /** Mean absolute error that it must take away on plates left out; less is not worth a version. */
  leastGain: 0.01,
  /** Outside, the model does not see viability there, and no line mends it. */
  slope: { atLeast: 1 / 3, atMost: 3 },
  /** What the line makes of a reading of 0 and of 1 lies no further from them than the whole scale: beyond, it mends no viability. */
  endsMoveAtMost: 1,
  /** Half widths are no narrower than what 90 % of labels of plates left out lie within: wider than the scale they say nothing. */
  residual90AtMost: 1,
} as const;
