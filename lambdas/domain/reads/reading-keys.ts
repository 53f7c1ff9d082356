/** Where a reading stands in its table: partition plate, sort key by path, history beside the current item. */

/** How the sort keys of current readings begin; the stream's filter in the template says the same. */
export const CURRENT = 'c#';
const REVISION_DIGITS = 8;

export const plateKeyOf = (study: string, plate: string): string => `${study}/${plate}`;
export const currentSortKey = (path: string): string => `${CURRENT}${path}`;
export const historyPrefix = (path: string): string => `h#${path}#`;
export const historySortKey = (path: string, revision: number): string =>
  `${historyPrefix(path)}${String(revision).padStart(REVISION_DIGITS, '0')}`;
/** Of a reading whose revision another one of the image has had. */
export const secondHistorySortKey = (path: string, revision: number, readAt: string): string =>
  `${historySortKey(path, revision)}~${readAt}`;
