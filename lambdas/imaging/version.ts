/** Changes when equal files may give different pixels or quality; recorded with every reading. */
export const PREPROCESSING_VERSION = '3';
