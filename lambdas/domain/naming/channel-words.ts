/** Channels by name: how instruments call bright field and fluorescence. */

const BRIGHTFIELD = [
  'phase',
  'phase[ _-]?contrast',
  'bright[ _-]?field',
  'bf',
  'dic',
  'trans(?:mitted)?(?:[ _-]?light)?',
];
const COLOUR = '(?:green|red|blue|orange|nir|far[ _-]?red)';
const FLUORESCENCE = [
  COLOUR,
  `fluor(?:escence)?(?:[ _-]?${COLOUR})?`,
  'e?[gryc]fp',
  'mcherry|dapi|hoechst|fitc|tritc|texas[ _-]?red|dsred|pi(?![a-z])|calcein|cy[357]',
  'alexa(?:fluor)?[ _-]?\\d{3}',
];
const WORD = `(?:${[...BRIGHTFIELD, ...FLUORESCENCE].join('|')})`;

const WHOLE = new RegExp(`^${WORD}$`, 'i');
/** Incucyte: `VID9955_Phase_C4`, `…_PhaseContrast_raw_B3`. */
const BEFORE_WELL = new RegExp(`(?:^|[_ -])(${WORD})(?:_raw)?[_ -]*$`, 'i');
const AFTER_WELL = new RegExp(`(?<![A-Za-z0-9])(${WORD})(?![A-Za-z0-9])`, 'i');
/** Gen5: `_02_1_1_Bright Field_001`, whatever the lab called it; or in brackets: `ZProj[Stitched[Bright Field]]`. */
const GEN5 = /^(?:_\d{1,3}){3}_(.+?)(?:_\d{3})?$/;
const BRACKETS = /\[([^[\]]+)\]/;
/** InCell: `(fld 4 wv Red - Cy5)`. */
const INCELL = /\bwv ([^)]+?)(?: z \d+)?\)/;

/** @returns lower case letters and digits only: `Bright Field` and `Bright_Field` are one channel. */
export function channelWordAround(before: string, after: string): string | undefined {
  const text =
    GEN5.exec(after)?.[1] ??
    INCELL.exec(after)?.[1] ??
    BRACKETS.exec(before)?.[1] ??
    BEFORE_WELL.exec(before)?.[1] ??
    AFTER_WELL.exec(after)?.[1];
  return text === undefined ? undefined : plain(text);
}

export const channelWordOfFolder = (folder: string): string | undefined =>
  WHOLE.test(folder) ? plain(folder) : undefined;

const plain = (text: string): string | undefined => text.toLowerCase().replace(/[^a-z0-9]/g, '') || undefined;

const IS_BRIGHTFIELD =
  /^(?:\d+-)?(?:(?:tl)?(?:phase|bright[ _-]?field)|(?:bf|dic|trans(?:mitted)?(?:[ _-]?light)?)\d*$)/i;
const IS_FLUORESCENCE = new RegExp(`^(?:\\d+-)?(?:${FLUORESCENCE.join('|')})`, 'i');

/** Whether a channel of an image name calls itself bright field. */
export const isBrightfield = (channel: string): boolean => IS_BRIGHTFIELD.test(channel);
export const isFluorescence = (channel: string): boolean => IS_FLUORESCENCE.test(channel);
