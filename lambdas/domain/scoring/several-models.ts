/**
 * Plates of one day that different models read. Each is relative to vehicle wells that its own model read, so a curve over them is scored; but what
 * a model misreads is its own, so a person is told.
 */
import { isDosed } from '../notes/platemap.ts';
import { modelsOf } from '../reads/mixed-models.ts';
import type { WellValue } from '../reads/well-values.ts';
import { compoundKey } from '../reference.ts';
import { compareText, groupBy } from '../statistics.ts';
import { isBeforeEffect } from '../time/first-dose.ts';
import { isUsable, type VehicleLevel } from './normalise.ts';

export interface PlateModel {
  plate: string;
  /** `name version sha256 variant`. */
  model: string;
}

/** @param wells of plate reads that one model each has read */
export const modelsOfPlates = (wells: readonly WellValue[]): PlateModel[] =>
  [...groupBy(wells, ({ plate }) => plate)]
    .flatMap(([plate, own]) => [...modelsOf(own).keys()].map((model) => ({ plate, model })))
    .sort((a, b) => compareText(a.plate, b.plate));

export const countModels = (plates: readonly PlateModel[]): number => new Set(plates.map(({ model }) => model)).size;

export interface DayOfModels {
  study: string;
  day: number;
  /** That count. */
  wells: readonly WellValue[];
  levels: ReadonlyMap<string, VehicleLevel>;
  /** Of compounds, by key. */
  names: ReadonlyMap<string, string>;
}

export function severalModelsProblem({ study, day, wells, levels, names }: DayOfModels): string | undefined {
  const scored = wells.filter(({ role, plate }) => isDosed(role) && isUsable(levels.get(plate)));
  const plates = modelsOfPlates(scored);
  const count = countModels(plates);
  if (isBeforeEffect(day) || count < 2) return undefined;
  const byModel = [...groupBy(plates, ({ model }) => model)]
    .map(([model, own]) => `${own.map(({ plate }) => plate).join(', ')} by ${model}`)
    .join('; ');
  const mixed = [...groupBy(scored, ({ entry }) => compoundKey(entry.compound))]
    .filter(([, own]) => countModels(modelsOfPlates(own)) > 1)
    .map(([key]) => names.get(key) ?? key)
    .sort(compareText);
  const curves =
    mixed.length === 0
      ? ''
      : ` The curves of ${mixed.join(', ')} join wells of several, each relative to the vehicle wells of its own plate; a dose has the mean over its wells of the errors that their models state, or the largest where some state none.`;
  return `day ${day}: its plates were read by ${count} models (${byModel}), whose viabilities do not compare: the ranking of the day is over ${count === 2 ? 'both' : 'all of them'}.${curves} Have one model read them all again: nvir retry ${study} --other-model`;
}
