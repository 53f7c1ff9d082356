/**
 * Wells whose spheroid was malformed before any drug could act: a dead look on day 7 would then teach the model nothing about
 * viability. Imaging measures the largest region of a frame, so several small spheroids are known by their size, not counted.
 *
 * Stricter than plate-quality/day-zero.ts, and knows ATP: a label dropped by mistake costs a training image, a well left out of scoring by mistake costs
 * a dose. So there a diameter must be off by the plate's own scatter too, a border cuts nothing out, and a third of odd wells is none.
 */
import type { PlacedReading } from '../reads/plate-reads.ts';
import { groupBy, median } from '../statistics.ts';

/**
 * Diameters on day 0, as a share of the plate's median, within which a spheroid counts as formed: conventions. Spheroids of one
 * plate are alike (in public images of one plate 0.13 to 0.26 of the frame, median 0.23); below half lies a fragment or one of several.
 */
const FORMED_DIAMETERS: readonly [number, number] = [0.5, 1.6];
/** ATP on day 0 as a share of the untreated wells' median, below which nothing lives: far beyond a control CV of 21 %. */
const LEAST_ATP = 0.1;

/**
 * @param onDay0 images of one plate that count on day 0
 * @param atp ATP on day 0 over the untreated wells' median, by well, where it was measured
 * @returns by well, what is wrong with it
 */
export function malformedWells(
  onDay0: readonly PlacedReading[],
  atp: ReadonlyMap<string, number> = new Map(),
): Map<string, string> {
  const wells = groupBy(onDay0, ({ name }) => name.well ?? '');
  const whole = new Map([...wells].map(([well, images]) => [well, wholeDiameter(images)]));
  const diameters = [...whole.values()].filter((value) => typeof value === 'number');
  const usual = diameters.length > 0 ? median(diameters) : undefined;
  const faults = [...whole].flatMap(([well, found]): [string, string][] => {
    if (typeof found === 'string') return [[well, found]];
    const share = usual === undefined ? 1 : found / usual;
    if (share >= FORMED_DIAMETERS[0] && share <= FORMED_DIAMETERS[1]) return [];
    return [
      [
        well,
        `its diameter on day 0 is ${share.toFixed(2)} of the plate's median: a fragment, several, or a merged one`,
      ],
    ];
  });
  const dead = [...atp]
    .filter(([, share]) => share < LEAST_ATP)
    .map(([well, share]): [string, string] => [
      well,
      `its ATP on day 0 is ${share.toFixed(2)} of the untreated wells'`,
    ]);
  return new Map([...dead, ...faults]);
}

/** Of the largest spheroid that a field of the well shows whole, or why none does. */
function wholeDiameter(images: readonly PlacedReading[]): number | string {
  const found = images.flatMap(({ reading }) => (reading.quality?.spheroid.found ? reading.quality.spheroid : []));
  const whole = found
    .filter(({ touchesBorder }) => !touchesBorder)
    .flatMap(({ diameterFraction }) => diameterFraction ?? []);
  if (whole.length > 0) return Math.max(...whole);
  return found.length > 0 ? 'the border cuts the spheroid on day 0' : 'no spheroid is seen on day 0';
}
