/** A plate's reads with their quality, and its wells as they count: what was left out stands beside, with the reason. */
import { adjusted } from './adjust.ts';
import { type Exclusion, excludedOn } from './exclusions.ts';
import { malformedOnDayZero } from './plate-quality/day-zero.ts';
import { type PlateQuality, plateQuality } from './plate-quality/index.ts';
import { qualityWells } from './plate-quality/wells.ts';
import type { PlateMap } from './platemap.ts';
import { groupBy } from './statistics.ts';
import type { Study } from './study.ts';
import type { WellValue } from './well-values.ts';

export interface LeftOutValue {
  value: WellValue;
  reason: string;
}

export interface JudgedPlate {
  /** Wells that count, adjusted as the study's normalisation asks. */
  values: WellValue[];
  leftOut: LeftOutValue[];
  /** By day. */
  quality: ReadonlyMap<number, PlateQuality>;
}

export function judgePlate(
  values: readonly WellValue[],
  map: PlateMap,
  notes: Study | undefined,
  exclusions: readonly Exclusion[],
): JudgedPlate {
  const used = [...map.wells.values()].map(({ well }) => well);
  const dayZeroWells = values.filter(({ day }) => day === 0);
  const malformed = malformedOnDayZero(qualityWells(dayZeroWells));
  const dayZero = new Map(dayZeroWells.map(({ entry, viability }) => [entry.name, viability]));
  const judged: { values: WellValue[]; leftOut: LeftOutValue[] } = { values: [], leftOut: [] };
  const quality = new Map<number, PlateQuality>();
  for (const [day, ofDay] of groupBy(values, (value) => value.day)) {
    const byWord = ofDay[0] ? excludedOn(exclusions, ofDay[0].plate, day) : new Map<string, string>();
    const found = plateQuality({
      wells: qualityWells(ofDay),
      used,
      excluded: new Map([...malformed, ...byWord]),
      positiveControls: notes?.positiveControls ?? [],
    });
    quality.set(day, found);
    const reasons = new Map(found.leftOut.map(({ well, reason }) => [well, reason]));
    const counting = ofDay.filter(({ entry }) => !reasons.has(entry.name));
    // Day 0 is not divided by itself.
    const normalisation = day === 0 ? 'vehicle-plate' : (notes?.normalisation ?? 'vehicle-plate');
    const result = adjusted(counting, normalisation, dayZero);
    judged.values.push(...result.values);
    judged.leftOut.push(
      ...ofDay.flatMap((value) => {
        const reason = reasons.get(value.entry.name);
        return reason === undefined ? [] : [{ value, reason }];
      }),
      ...result.leftOut,
    );
  }
  return { ...judged, quality };
}

/** Why nothing of a plate read may be scored; undefined where it may, or where the study only wants to be told. */
export function rejectionOf(quality: PlateQuality | undefined, notes: Study | undefined): string | undefined {
  if (quality?.verdict !== 'reject' || notes?.plateQuality === 'report') return undefined;
  const reasons = quality.findings.filter(({ verdict }) => verdict === 'reject').map(({ reason }) => reason);
  return `plate quality rejects this plate read (${reasons.join('; ')})`;
}
