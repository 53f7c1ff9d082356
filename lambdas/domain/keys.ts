/** What an object's key says: where notes and images lie in the export bucket. */

/** Everything that the pipeline reads lies below this prefix. */
export const EXPORTS_PREFIX = 'exports/';

export type ParsedKey =
  | { kind: 'study-notes'; study: string }
  | { kind: 'decisions'; study: string }
  | { kind: 'plate-map'; study: string; plate: string }
  | { kind: 'image'; study: string; plate: string; path: string }
  | { kind: 'other' };

/** What people decide of a study after looking at it. */
const DECISIONS = ['exclusions.csv', 'lock.json'];
const IMAGE_EXTENSION = /\.(tiff?|png|jpe?g)$/i;
/** Thumbnails that some instruments write beside each image; they are not part of the books. */
const THUMBNAIL = /_thumb/i;
/** AppleDouble and hidden files that desktop sync tools leave. */
const HIDDEN = /(^|\/)\./;

export function parseKey(key: string): ParsedKey {
  if (!key.startsWith(EXPORTS_PREFIX)) return { kind: 'other' };
  const [study, second, ...rest] = key.slice(EXPORTS_PREFIX.length).split('/');
  if (!study || !second) return { kind: 'other' };
  if (rest.length === 0) {
    if (second === 'study.json') return { kind: 'study-notes', study };
    return DECISIONS.includes(second) ? { kind: 'decisions', study } : { kind: 'other' };
  }
  const path = rest.join('/');
  if (path === 'platemap.csv') return { kind: 'plate-map', study, plate: second };
  return isImagePath(path) ? { kind: 'image', study, plate: second, path } : { kind: 'other' };
}

export const isImagePath = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return IMAGE_EXTENSION.test(name) && !THUMBNAIL.test(name) && !HIDDEN.test(path);
};

export const studyPrefix = (study: string): string => `${EXPORTS_PREFIX}${study}/`;
export const platePrefix = (study: string, plate: string): string => `${EXPORTS_PREFIX}${study}/${plate}/`;
export const studyNotesKey = (study: string): string => `${studyPrefix(study)}study.json`;
export const exclusionsKey = (study: string): string => `${studyPrefix(study)}exclusions.csv`;
export const lockKey = (study: string): string => `${studyPrefix(study)}lock.json`;
export const plateMapKey = (study: string, plate: string): string => `${platePrefix(study, plate)}platemap.csv`;
/** An image by its place. */
export interface ImagePlace {
  study: string;
  plate: string;
  path: string;
}

export const imageKey = (study: string, plate: string, path: string): string => `${platePrefix(study, plate)}${path}`;
