/**
 * When a measure of a plate read asks a person to look (`review`) and when its compounds are not scored (`reject`). Rejecting
 * is for plates on which nothing could be right; `docs/science.md` shows what each measure says of simulated plates.
 */
export const PLATE_THRESHOLDS = {
  /** Wells of a kind below which its spread says nothing. */
  wellsForSpread: 3,
  /**
   * Coefficient of variation of the vehicle wells. Assay Guidance Manual, "HTS Assay Validation" (NBK83783): below 20 %; twice that
   * leaves the vehicle median of six wells 20 % wide. Controls of published spheroid experiments vary by 7 to 21 %.
   */
  vehicleCv: { reviewAbove: 0.2, rejectAbove: 0.4 },
  /**
   * Z' with a named positive control. Assay Guidance Manual: at least 0.4; Zhang 1999 (10.1177/108705719900400206): below 0 the controls
   * overlap. The robust form decides, since one odd well of few decides the classic one. Rejecting needs `wells` on both sides.
   */
  zPrime: { reviewBelow: 0.4, rejectBelow: 0, wells: 4 },
  /** Zhang 2007 (10.1016/j.ygeno.2007.01.005): 3 separates a good control from an inferior one. Only ever reviewed. */
  ssmd: { reviewBelow: 3 },
  /** Assay Guidance Manual: a signal window of at least 2. Only ever reviewed. */
  signalWindow: { reviewBelow: 2 },
  /** Outer ring against inner wells, as a fraction of the level; convention: half of what the controls' CV may be. Only ever reviewed. */
  edgeEffect: { reviewBeyond: 0.1, z: 3 },
  /** Change from the first to the last used row or column, as a fraction of the level; convention. Only ever reviewed. */
  drift: { reviewBeyond: 0.15, z: 3 },
  /**
   * Residuals of the dose-response curves. NRFE of 10 and 15 are the published limits (Ianevski 2025, 10.1016/j.isci.2025.113470). Noise
   * and compounds that follow no sigmoid raise it too, so it counts with a pattern only: neighbours of different compounds that
   * agree (Moran's I, z against chance). A pattern so clear that it cannot be chance is reviewed at any NRFE.
   */
  spatial: { reviewNrfe: 10, reviewZ: 3, clearZ: 4.5, rejectNrfe: 15, rejectZ: 5 },
  /** Standard deviation of replicates, as a fraction of the vehicle level; twice the usual control CV. Only ever reviewed. */
  replicates: { reviewAbove: 0.3 },
  /**
   * Distance of a well from what it should read, in robust standard deviations. Beyond 4.5 it is named; an untreated or vehicle well
   * beyond 6 is left out. A treated well never is: an odd value may be the effect.
   */
  outlier: { namedFrom: 4.5, controlLeftOutFrom: 6 },
  /** Share of the wells of a control that may be left out without a person; beyond it, what is odd may be the rule. */
  controlsLeftOutUpTo: 1 / 3,
  /** A spheroid's diameter on day 0 against the plate's median, as a fraction, and in robust standard deviations: both. */
  malformed: { diameterBeyond: 0.3, distance: 5 },
  /** Background at a dose against the vehicle wells', as a fraction, and in robust standard deviations: both. */
  background: { changeBeyond: 0.08, distance: 5 },
} as const;
