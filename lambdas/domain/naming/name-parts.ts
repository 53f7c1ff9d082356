/** Small steps that the parts of a name share. */

/** A GUID that ImageXpress writes behind the well or the wavelength, without a separator. */
const GUID = /[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}/i;

export interface BareName {
  folders: string[];
  /** File name without extension and GUID. */
  name: string;
  hasGuid: boolean;
}

export function bareName(path: string): BareName {
  const folders = path.split('/');
  const file = (folders.pop() ?? '').replace(/\.[A-Za-z]+$/, '');
  const name = file.replace(GUID, '');
  return { folders, name, hasGuid: name !== file };
}

/** `01` is `1`, `00` is `0`; what is no number stays. */
export const withoutLeadingZeros = (text: string): string =>
  /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text;

export const firstGroup = (match: RegExpExecArray | null): string | undefined =>
  match?.slice(1).find((group) => group !== undefined);

/** All that was found, so that no two images fall into one slot because a number was overlooked. */
export const joined = (parts: readonly (string | undefined)[], separator: string): string | undefined => {
  const found = parts.flatMap((part) => (part === undefined ? [] : [withoutLeadingZeros(part)]));
  return found.length === 0 ? undefined : found.join(separator);
};
