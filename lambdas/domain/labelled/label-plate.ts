/** Joins the images of one plate with its ATP. Refuses a join that looks shifted; says of everything left out why. */
import type { PlacedSignal } from '../atp/place.ts';
import { type PlateMapEntry, type Role, roleOf } from '../notes/platemap.ts';
import { hoursAfterDosing } from '../reads/day-zero.ts';
import type { PlacedReading } from '../reads/plate-reads.ts';
import { compareText, groupBy } from '../statistics.ts';
import { type Control, type ControlWellLight, controlOf } from './control.ts';
import type { Dropped, DropReason } from './dropped.ts';
import {
  checkMismatch,
  checkPlaces,
  type ExportedPlate,
  type JoinOptions,
  type PlateRead,
  unpaired,
} from './join-checks.ts';
import { malformedOn0, type Unfit, unfitWells } from './unfit.ts';

/** One image with its label: a row of the training index. */
export interface LabelledImage {
  image: PlacedReading;
  entry: PlateMapEntry;
  role: Role;
  day: number;
  atp_rlu: number;
  control: Control;
}

export interface LabelledPlate {
  labelled: LabelledImage[];
  dropped: Dropped[];
  /** What a person should look at. */
  notes: string[];
}

/** Fewer control wells than this are named: at a control CV of 14 %, two put an error of 10 % on every label of the read. */
const FEW_CONTROLS = 3;
/** Controls of one experiment vary by 7 to 21 %; beyond this the read is named. */
const WIDE_CV = 0.3;
/** Nothing lives twice as well as untreated: where the brightest tenth of a plate read does, controls and values may not belong together. */
const BRIGHT_SHARE = 0.9;
const DIM_CONTROL = 0.5;

/** @param signals of this plate, each well and day once. @throws NotesError for a join that cannot be right. */
export function labelPlate(
  plate: ExportedPlate,
  signals: readonly PlacedSignal[],
  options: JoinOptions,
): LabelledPlate {
  const answer: LabelledPlate = { labelled: [], dropped: [], notes: [] };
  const used = plate.images.filter(({ status }) => status === 'used');
  for (const image of plate.images) {
    const reason = { rejected: 'rejected', superseded: 'duplicate', unplaced: 'unplaced' } as const;
    if (image.status !== 'used') answer.dropped.push(ofImage(plate, image, reason[image.status], image.reason ?? ''));
  }
  const days = groupBy(used, ({ day }) => day);
  const lightOf = groupBy(signals, ({ day }) => day);
  checkPlaces(
    plate,
    signals,
    [...days.keys()].flatMap((day) => day ?? []),
  );
  // After the first dose a drug may have done it.
  const beforeDosing = (days.get(0) ?? []).filter(
    (image) => hoursAfterDosing({ readings: [image] }, plate.notes) === undefined,
  );
  const malformed = malformedOn0(plate, beforeDosing, lightOf.get(0) ?? []);
  for (const [day, images] of [...days].sort(([a], [b]) => (a ?? 0) - (b ?? 0))) {
    const lights = day === undefined ? undefined : lightOf.get(day);
    if (day === undefined || lights === undefined) {
      for (const image of images)
        answer.dropped.push(ofImage(plate, image, 'no-atp-that-day', 'the ATP files have no value of this day'));
      continue;
    }
    const unfit = unfitWells(plate, { day, images, lights }, malformed);
    const control = controlOf(controlWells(plate, lights, unfit), options.vehicleInstead);
    labelRead({ plate, day, images, lights, control, options }, unfit, answer);
  }
  return answer;
}

function labelRead(read: PlateRead, unfit: ReadonlyMap<string, Unfit>, answer: LabelledPlate): void {
  const { plate, day, images, lights, control } = read;
  checkMismatch(read);
  const byWell = new Map(lights.map((signal) => [signal.well, signal]));
  const where = `plate ${plate.plate} of ${plate.study}, day ${day}`;
  if (typeof control !== 'string')
    answer.notes.push(...remarksOn(control, lights).map((remark) => `${where}: ${remark}`));
  for (const signal of unpaired(read))
    answer.dropped.push(
      plate.map.wells.has(signal.well)
        ? ofSignal(signal, 'no-image', 'no image of this well and day is there')
        : ofSignal(signal, 'not-in-map', 'the plate map does not hold this well'),
    );
  for (const image of [...images].sort(inPlateOrder)) {
    const entry = plate.map.wells.get(image.name.well ?? '');
    const drop = (reason: DropReason, detail: string): number =>
      answer.dropped.push(ofImage(plate, image, reason, detail));
    const light = byWell.get(image.name.well ?? '')?.light;
    const role = entry && roleOf(entry, plate.notes);
    const fault = unfit.get(image.name.well ?? '');
    if (!entry || !role) drop('unplaced', 'the plate map does not hold this well');
    else if (role === 'blank') drop('blank-well', 'a well without cells');
    else if (fault) drop(fault.reason, fault.detail);
    else if (light === undefined) drop('no-atp', 'the ATP files have no value of this well');
    else if (light === 'saturated') drop('saturated', 'the luminometer was at its end: dilute, or read with less gain');
    else if (typeof control === 'string') drop('no-control', control);
    else answer.labelled.push({ image, entry, role, day, atp_rlu: light, control });
  }
}

function remarksOn({ role, wells, cv = 0, atp_rlu }: Control, lights: readonly PlacedSignal[]): string[] {
  const all = lights.flatMap(({ light }) => (light === 'saturated' ? [] : light)).sort((a, b) => a - b);
  const bright = all[Math.floor(BRIGHT_SHARE * all.length)] ?? 0;
  return [
    ...(wells < FEW_CONTROLS ? [`only ${wells} ${role} wells; their error is in every label`] : []),
    ...(cv > WIDE_CV ? [`the ${role} wells vary by ${(100 * cv).toFixed(0)} % (CV)`] : []),
    ...(atp_rlu < DIM_CONTROL * bright
      ? [
          `the ${role} wells have less than half the ATP of the brightest tenth: is the file of this plate, and the right way round?`,
        ]
      : []),
  ];
}

const controlWells = (
  { map, notes }: ExportedPlate,
  lights: readonly PlacedSignal[],
  unfit: ReadonlyMap<string, Unfit>,
): ControlWellLight[] =>
  lights.flatMap(({ well, light }) => {
    const entry = map.wells.get(well);
    return entry ? [{ role: roleOf(entry, notes), light, unfit: unfit.get(well)?.reason }] : [];
  });

const ofImage = (
  { study, plate }: ExportedPlate,
  { name, day, reading }: PlacedReading,
  reason: DropReason,
  detail: string,
): Dropped => ({ study, plate, well: name.well ?? '', day, image: reading.path, reason, detail });

export const ofSignal = ({ study, plate, well, day }: PlacedSignal, reason: DropReason, detail: string): Dropped => ({
  study,
  plate,
  well,
  day,
  image: '',
  reason,
  detail,
});

const inPlateOrder = (a: PlacedReading, b: PlacedReading): number =>
  compareText(a.name.well ?? '', b.name.well ?? '') || compareText(a.reading.path, b.reading.path);
