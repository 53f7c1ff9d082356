/** Which wells of a plate read do not count, and why: by a person's word, by day 0, by their images, or as an odd control. */
import type { Outlier } from './outliers.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';
import type { QualityWell } from './wells.ts';

export interface LeftOutWell {
  well: string;
  reason: string;
}

/**
 * Flags that make a well unusable when all its images carry them. What a dying spheroid may cause (it is no longer found, is blurred,
 * sheds debris) never leaves out a treated well: the reading would vanish exactly where the drug works. In control wells nothing
 * should die, so there an empty frame is a mishap.
 */
const UNUSABLE_FLAGS = {
  anyWell: ['too-dark', 'too-bright', 'black-area'],
  controlWell: ['no-spheroid'],
} as const;

const isControl = ({ role }: { role: string }): boolean => role === 'vehicle' || role === 'untreated';

/** Wells whose images show nothing that counts. */
export function unusableByImage(wells: readonly QualityWell[]): LeftOutWell[] {
  const everywhere = wells.flatMap(({ well, flags }) => named(well, flags, UNUSABLE_FLAGS.anyWell));
  const controls = wells
    .filter(isControl)
    .flatMap(({ well, flags }) => named(well, flags, UNUSABLE_FLAGS.controlWell))
    .filter(({ well }) => everywhere.every((other) => other.well !== well));
  return [...everywhere, ...aFewOnly(controls, wells)];
}

const named = (well: string, flags: readonly string[], unusable: readonly string[]): LeftOutWell[] => {
  const flag = flags.find((candidate) => unusable.includes(candidate));
  return flag === undefined ? [] : [{ well, reason: `its image cannot be used: ${flag}` }];
};

/** Control wells far from their kind. */
export function oddControls(outliers: readonly Outlier[], wells: readonly QualityWell[]): LeftOutWell[] {
  const odd = outliers
    .filter(({ role, distance }) => isControl({ role }) && Math.abs(distance) >= T.outlier.controlLeftOutFrom)
    .map(({ well, reason }) => ({ well, reason: `an odd control: ${reason}` }));
  return aFewOnly(odd, wells);
}

/** Of each control, a minority or none: where many are odd, the controls are what they are. */
function aFewOnly(leftOut: readonly LeftOutWell[], wells: readonly QualityWell[]): LeftOutWell[] {
  return (['vehicle', 'untreated'] as const).flatMap((role) => {
    const own = new Set(wells.filter((well) => well.role === role).map(({ well }) => well));
    const of = leftOut.filter(({ well }) => own.has(well));
    return of.length <= T.controlsLeftOutUpTo * own.size ? of : [];
  });
}
