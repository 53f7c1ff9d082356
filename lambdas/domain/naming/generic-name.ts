/**
 * The generic reading of a path: the common instruments' ways of writing field, plane and channel, in the name or as
 * folders. Where several numbers could be the field, all of them are: two images must not fall into one slot by oversight.
 */
import { channelWordAround, channelWordOfFolder } from './channel-words.ts';
import { clockIn, dayIn, elapsedHoursIn } from './day-in-path.ts';
import { type BareName, bareName, firstGroup, joined } from './name-parts.ts';
import type { ImageName } from './naming.ts';
import { HARMONY, wellOf } from './well-in-name.ts';

/** Yokogawa: `T0001F001L01A01Z01C01`. */
const YOKOGAWA = /T\d{4}F(?<field>\d{3,4})L\d{2}A\d{2}Z(?<z>\d{2,3})C(?<channel>\d{2})/;
/** EVOS, right behind the well: `f00d0`. */
const EVOS = /^f(?<field>\d{2})d(?<channel>\d)/;
/** `D00_A2_113992`: day, well, plane. */
const PLANE_BEHIND_WELL = /^_(\d{4,7})(?=_|$)/;
/** Incucyte `C4_1`, Gen5 `A10_02_1_1`: the numbers behind the well are the image's. */
const NUMBERS_BEHIND_WELL = /^((?:_\d{1,3})+)(?=[_ ]|$)/;
/** `A06_04x_001`: so is the last one, where none stands behind the well. */
const LAST_NUMBER = /[A-Za-z]_(\d{1,3})$/;

const FIELD =
  /(?:^|(?<!bright)[ _(-])(?:(?:s|f)_?|(?:site|fld|field|fov|pos|position|tile)[ _-]?)(\d{1,4})(?![0-9A-Za-z])/i;
const TILE = /(?:^|_)x(\d{1,3})_y(\d{1,3})(?![0-9A-Za-z])/i;
const PLANE = /(?:^|[ _(-])(?:z_?|(?:zstep|plane|slice)[ _-]?)(\d{1,4})(?![0-9A-Za-z])/i;
const CHANNEL = /(?:^|[ _(-])(?:(?:w|c)_?|(?:ch|channel|wave|wavelength)[ _-]?)(\d{1,2})(?![0-9A-Za-z])/i;

const FIELD_FOLDER = /^(?:s|f|site|fld|field|fov|pos|position|tile)[ _-]?(\d{1,4})$/i;
const PLANE_FOLDER = /^(?:z|zstep|z-step|plane|slice)[ _-]?(\d{1,4})$/i;
const CHANNEL_FOLDER = /^(?:w|c|ch|channel|wave|wavelength)[ _-]?(\d{1,2})$/i;

/** @param proven see {@link wellOf} */
export function parseGenericPath(path: string, proven: ReadonlySet<string>): ImageName {
  const bare = bareName(path);
  const found = wellOf(bare, proven);
  const place = placeIn(bare, 'token' in found ? found.token : undefined);
  const day = dayIn(bare);
  const takenAt = clockIn(bare.name);
  const elapsedHours = elapsedHoursIn(bare.name);
  return {
    field: place.field ?? '1',
    z: place.z ?? '0',
    channel: place.channel ?? '1',
    ...('token' in found ? { well: found.token.well } : { reason: found.reason }),
    ...(day === undefined ? {} : { day }),
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(elapsedHours === undefined ? {} : { elapsedHours }),
  };
}

type Place = Record<'field' | 'z' | 'channel', string | undefined>;

function placeIn({ folders, name }: BareName, well: { start: number; end: number } | undefined): Place {
  // Without its well, so that rows F and C are not read as field and channel.
  const before = well ? name.slice(0, well.start) : '';
  const after = well ? name.slice(well.end) : name;
  // Behind the well first: plate names may hold an `S1` of their own.
  const find = (pattern: RegExp): string | undefined =>
    firstGroup(pattern.exec(after)) ?? firstGroup(pattern.exec(before));
  const [harmony, yokogawa, evos] = [
    HARMONY.exec(name)?.groups,
    YOKOGAWA.exec(after)?.groups,
    EVOS.exec(after)?.groups,
  ];
  const whole = harmony ?? yokogawa;
  const numbers = NUMBERS_BEHIND_WELL.exec(after)?.[1]?.slice(1).split('_') ?? [LAST_NUMBER.exec(after)?.[1]];
  const tile = TILE.exec(after)?.slice(1) ?? [];
  const isDayAndWell = /^D\d{2}_$/.test(before);
  return {
    field: joined(
      [
        inFolders(folders, FIELD_FOLDER),
        ...(whole ? [whole['field']] : [...numbers, ...tile, find(FIELD), evos?.['field']]),
      ],
      '.',
    ),
    z: joined(
      [
        inFolders(folders, PLANE_FOLDER),
        whole ? whole['z'] : find(PLANE),
        isDayAndWell ? PLANE_BEHIND_WELL.exec(after)?.[1] : undefined,
      ],
      '.',
    ),
    channel: joined(
      [
        whole?.['channel'] ?? evos?.['channel'] ?? find(CHANNEL) ?? inFolders(folders, CHANNEL_FOLDER),
        channelWordAround(before, after) ?? folders.map(channelWordOfFolder).findLast((word) => word !== undefined),
      ],
      '-',
    ),
  };
}

const inFolders = (folders: readonly string[], pattern: RegExp): string | undefined =>
  folders.map((folder) => firstGroup(pattern.exec(folder))).findLast((number) => number !== undefined);
