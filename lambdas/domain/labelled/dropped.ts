/** What did not become a labelled image, and why. */

export const DROP_REASONS = {
  'no-control': 'no untreated wells in the plate read that labels could be divided by',
  'no-image': 'ATP without an image',
  'no-atp': 'image without ATP, on a plate and day that has ATP',
  'no-atp-that-day': 'image of a plate and day without any ATP',
  duplicate: 'given twice, or a later image of the same place counts',
  'same-file': 'the same file stands at two places',
  excluded: 'a person took the well out, in exclusions.csv',
  saturated: 'the luminometer was at its end',
  'malformed-on-day-0': 'no whole spheroid on day 0',
  'lost-spheroid': 'a control well without spheroid and ATP',
  rejected: 'the image cannot be read',
  unplaced: 'the image belongs to no well or day',
  'blank-well': 'a well without cells',
  'not-in-map': 'ATP of a well that the plate map does not hold',
} as const;
export type DropReason = keyof typeof DROP_REASONS;

/** One line of `dropped.csv`. */
export interface Dropped {
  study: string;
  plate: string;
  /** Empty where it is not known. */
  well: string;
  day: number | undefined;
  /** Below the plate's folder; empty for ATP without an image. */
  image: string;
  reason: DropReason;
  detail: string;
}
