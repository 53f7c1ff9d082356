/** Quality of one plate read: what its wells say of each other. Pure; whoever scores decides what follows from it. */
import { type BackgroundSuspicion, suspectedByBackground } from './background.ts';
import { type ControlQuality, controlQuality } from './controls.ts';
import { type Finding, findingsOf, type PlateVerdict, worstOf } from './findings.ts';
import { type LeftOutWell, oddControls, unusableByImage } from './left-out.ts';
import { type Outlier, outliersOf } from './outliers.ts';
import { type ReplicateAgreement, replicateAgreement } from './replicates.ts';
import { residualsOf } from './residuals.ts';
import { type SpatialQuality, spatialQuality } from './spatial.ts';
import type { QualityWell } from './wells.ts';

export interface PlateQuality {
  verdict: PlateVerdict;
  findings: Finding[];
  /** Wells with a value that count. */
  wells: number;
  /** Wells with a value that do not, in order of their names. */
  leftOut: LeftOutWell[];
  controls: ControlQuality;
  spatial: SpatialQuality;
  replicates: ReplicateAgreement;
  /** Wells far from what they should read, also those that count. */
  outliers: Outlier[];
  backgrounds: BackgroundSuspicion[];
}

export interface PlateQualityInput {
  /** All wells of the plate read that have a value. */
  wells: readonly QualityWell[];
  /** All wells of the plate map: they say which plate it is. */
  used: readonly { row: number; column: number }[];
  /** Wells that must not count, with the reason: a person's word, or day 0. */
  excluded: ReadonlyMap<string, string>;
  /** Wells that count by a person's word, whatever is seen of them. */
  kept?: ReadonlySet<string>;
  positiveControls: readonly string[];
}

export function plateQuality({
  wells,
  used,
  excluded,
  kept = new Set(),
  positiveControls,
}: PlateQualityInput): PlateQuality {
  const byWord = wells.flatMap(({ well }) => {
    const reason = excluded.get(well);
    return reason === undefined ? [] : [{ well, reason }];
  });
  const seen = without(wells, byWord);
  const notKept = (leftOut: LeftOutWell[]): LeftOutWell[] => leftOut.filter(({ well }) => !kept.has(well));
  const byImage = notKept(unusableByImage(seen));
  const usable = without(seen, byImage);
  const first = residualsOf(usable);
  const outliers = outliersOf(first.wells);
  const odd = notKept(oddControls(outliers, usable));
  const counting = without(usable, odd);
  const { level, wells: residuals } = odd.length === 0 ? first : residualsOf(counting);
  const measures = {
    controls: controlQuality(counting, positiveControls),
    spatial: spatialQuality(residuals, used),
    replicates: replicateAgreement(counting, level),
    backgrounds: suspectedByBackground(counting),
  };
  const findings = findingsOf(measures);
  return {
    verdict: worstOf(findings),
    findings,
    wells: counting.length,
    leftOut: [...byWord, ...byImage, ...odd].sort((a, b) => (a.well < b.well ? -1 : 1)),
    ...measures,
    outliers,
  };
}

function without(wells: readonly QualityWell[], leftOut: readonly LeftOutWell[]): QualityWell[] {
  const names = new Set(leftOut.map(({ well }) => well));
  return wells.filter(({ well }) => !names.has(well));
}
