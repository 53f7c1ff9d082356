/** Day and time in a path: folders such as `day7/`, and the stamps that instruments write into names. */
import { type BareName, firstGroup } from './name-parts.ts';

const DAY_IN_FOLDER = /(?:^|[_\s-])(?:day|d)[_ -]?(\d{1,3})(?=$|[_\s.-])/i;
const DAY_IN_NAME = /(?:^|[_\s-])day[_ -]?(\d{1,3})(?=$|[_\s.-])/i;
/** `D00_A2_113992`: day, well, plane. */
const DAY_BEFORE_WELL = /^D(\d{2})_[A-P]\d/;
/** Incucyte, since the scan began: `00d05h10m`. */
const ELAPSED = /(?:^|_)(\d{2,3})d(\d{2})h(\d{2})m(?=_|$)/;
/** Incucyte, by the clock: `2025y05m10d_18h00m`. */
const CLOCK = /(\d{4})y(\d{2})m(\d{2})d_(\d{2})h(\d{2})m/;

/** Nominal imaging day: the innermost folder that names one, else the file name. */
export function dayIn({ folders, name }: BareName): number | undefined {
  const inFolder = folders.map((folder) => firstGroup(DAY_IN_FOLDER.exec(folder))).findLast((day) => day !== undefined);
  const text = inFolder ?? firstGroup(DAY_IN_NAME.exec(name)) ?? firstGroup(DAY_BEFORE_WELL.exec(name));
  return text === undefined ? undefined : Number(text);
}

export function elapsedHoursIn(name: string): number | undefined {
  const match = ELAPSED.exec(name);
  if (!match) return undefined;
  const [, days, hours, minutes] = match.map(Number);
  return (days ?? 0) * 24 + (hours ?? 0) + (minutes ?? 0) / 60;
}

/** ISO 8601 without offset. */
export function clockIn(name: string): string | undefined {
  const match = CLOCK.exec(name);
  if (!match) return undefined;
  const [, year, month, day, hour, minute] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:00`;
}
