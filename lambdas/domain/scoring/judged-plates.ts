/** A plate's reads with their quality, and its wells as they count: what was left out stands beside, with the reason. */

import { type Exclusion, excludedOn, includedOn } from '../notes/exclusions.ts';
import type { PlateMap } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import { malformedOnDayZero } from '../plate-quality/day-zero.ts';
import { type PlateQuality, plateQuality } from '../plate-quality/index.ts';
import { qualityWells } from '../plate-quality/wells.ts';
import { type DayZero, divisorOf, hoursAfterDosing } from '../reads/day-zero.ts';
import type { Refusal } from '../reads/mixed-models.ts';
import type { WellValue } from '../reads/well-values.ts';
import { groupBy } from '../statistics.ts';
import { adjusted } from './adjust.ts';
import { normalisationOn } from './normalise.ts';

export interface LeftOutValue extends Refusal {
  value: WellValue;
}

export interface JudgedPlate {
  /** Wells that count, adjusted as the study's normalisation asks. */
  values: WellValue[];
  leftOut: LeftOutValue[];
  /** By day. */
  quality: ReadonlyMap<number, PlateQuality>;
}

/** Wells of all plates that do not count on a day. */
export const leftOutOn = (day: number, plates: readonly Pick<JudgedPlate, 'leftOut'>[]): LeftOutValue[] =>
  plates.flatMap(({ leftOut }) => leftOut.filter(({ value }) => value.day === day));

export function judgePlate(
  values: readonly WellValue[],
  map: PlateMap,
  notes: Study | undefined,
  exclusions: readonly Exclusion[],
): JudgedPlate {
  const used = [...map.wells.values()].map(({ well }) => well);
  const beforeDosing = values.filter((value) => value.day === 0 && hoursAfterDosing(value, notes) === undefined);
  const malformed = malformedOnDayZero(qualityWells(beforeDosing));
  const reads = new Map(
    [...groupBy(values, ({ day }) => day)].map(([day, ofDay]) => {
      const plate = ofDay[0]?.plate ?? '';
      const kept = includedOn(exclusions, plate, day);
      const quality = plateQuality({
        wells: qualityWells(ofDay),
        used,
        excluded: new Map([
          ...[...malformed].filter(([well]) => !kept.has(well)),
          ...excludedOn(exclusions, plate, day),
        ]),
        kept,
        positiveControls: notes?.positiveControls ?? [],
      });
      const reasons = new Map(quality.leftOut.map(({ well, reason }) => [well, reason]));
      return [day, { ofDay, quality, reasons }];
    }),
  );
  const dayZero = dayZeroOf(reads.get(0), notes);
  const judged: { values: WellValue[]; leftOut: LeftOutValue[] } = { values: [], leftOut: [] };
  for (const [day, { ofDay, reasons }] of reads) {
    const counting = ofDay.filter(({ entry }) => !reasons.has(entry.name));
    const result = adjusted(counting, normalisationOn(day, notes?.normalisation), (value) =>
      divisorOf(value, dayZero, notes),
    );
    judged.values.push(...result.values);
    judged.leftOut.push(...leftOutBy(reasons, ofDay), ...result.leftOut);
  }
  return { ...judged, quality: new Map([...reads].map(([day, { quality }]) => [day, quality])) };
}

interface JudgedRead {
  ofDay: readonly WellValue[];
  quality: PlateQuality;
  /** Why wells do not count, by well. */
  reasons: ReadonlyMap<string, string>;
}

const leftOutBy = (reasons: JudgedRead['reasons'], ofDay: readonly WellValue[]): LeftOutValue[] =>
  ofDay.flatMap((value) => {
    const reason = reasons.get(value.entry.name);
    return reason === undefined ? [] : [{ value, reason }];
  });

function dayZeroOf(read: JudgedRead | undefined, notes: Study | undefined): DayZero {
  if (!read) return { counting: new Map(), reasons: new Map(), obstacle: 'the plate has no usable image of day 0' };
  const rejection = rejectionOf(read.quality, notes);
  const left = [...read.reasons].map(([well, reason]) => [well, `on day 0, ${reason}`] as const);
  return {
    counting: new Map(
      read.ofDay.filter(({ entry }) => !read.reasons.has(entry.name)).map((value) => [value.entry.name, value]),
    ),
    reasons: new Map(left),
    ...(rejection === undefined ? {} : { obstacle: `on day 0, ${rejection}` }),
  };
}

/** Why nothing of a plate read may be scored; undefined where it may, or where the study only wants to be told. */
export function rejectionOf(quality: PlateQuality | undefined, notes: Study | undefined): string | undefined {
  if (quality?.verdict !== 'reject' || notes?.plateQuality === 'report') return undefined;
  const reasons = quality.findings.filter(({ verdict }) => verdict === 'reject').map(({ reason }) => reason);
  return `plate quality rejects this plate read (${reasons.join('; ')})`;
}
