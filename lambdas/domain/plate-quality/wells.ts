/** A well of one plate read as plate quality looks at it. */
import type { Role } from '../notes/platemap.ts';
import type { WellValue } from '../reads/well-values.ts';
import { compoundKey } from '../reference.ts';
import { median } from '../statistics.ts';
import { compareWells } from '../well.ts';

export interface QualityWell {
  /** `A01`. */
  well: string;
  /** Zero-based. */
  row: number;
  column: number;
  /** {@link compoundKey}. */
  key: string;
  compound: string;
  concentration_uM: number;
  role: Role;
  /** As the model reads it. */
  viability: number;
  /** Flags that every image of the well carries. */
  flags: string[];
  /** Median gray level of the images, as a fraction of full scale. */
  background?: number;
  /** Of the spheroid, as a fraction of the frame; absent where none was found. */
  diameter?: number;
}

/** In reading order; without blanks, which hold nothing to judge. */
export const qualityWells = (values: readonly WellValue[]): QualityWell[] =>
  values
    .filter(({ role }) => role !== 'blank')
    .sort((a, b) => compareWells(a.entry.well, b.entry.well))
    .map(qualityWell);

function qualityWell({ entry, role, viability, readings }: WellValue): QualityWell {
  const qualities = readings.flatMap(({ reading }) => reading.quality ?? []);
  const [first, ...others] = qualities;
  const diameters = qualities.flatMap(({ spheroid }) => spheroid.diameterFraction ?? []);
  return {
    well: entry.name,
    ...entry.well,
    key: compoundKey(entry.compound),
    compound: entry.compound,
    concentration_uM: entry.concentration_uM,
    role,
    viability,
    flags: (first?.flags ?? []).filter((flag) => others.every(({ flags }) => flags.includes(flag))),
    ...(qualities.length > 0 ? { background: median(qualities.map(({ exposure }) => exposure.background)) } : {}),
    ...(diameters.length > 0 ? { diameter: median(diameters) } : {}),
  };
}
