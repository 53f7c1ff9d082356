/** Changes when equal inputs may score differently; recorded with every score. */
export const SCORING_VERSION = '7';

/** Scores since this version have the form that the API reads; a study may be locked at them. */
export const READABLE_SINCE = 3;
