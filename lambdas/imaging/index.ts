export { type PreparedImage, type PrepareOptions, prepareImage } from './prepare-image.ts';
export { RejectedImage } from './rejected-image.ts';
export { INPUT_SIDE } from './resize.ts';
export { PREPROCESSING_VERSION } from './version.ts';
