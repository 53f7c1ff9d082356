/** Changes when equal inputs may score differently; recorded with every score. */
export const SCORING_VERSION = '3';
