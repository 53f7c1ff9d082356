/**
 * A study small enough to run forty times and rich enough to go wrong: two plates, one without vehicle wells, two
 * imaging days, a re-export under new names, a removed image, notes that come late and are corrected.
 */
import { discImage } from './images.ts';

export const STUDY = 'chaos';

/** What a person or an instrument does to the bucket. */
export type Step = { kind: 'put'; key: string; body: Buffer | string } | { kind: 'remove'; key: string };

export interface Scenario {
  /** Wrong first versions of the notes, later corrected. */
  wrongNotes: Step[];
  notes: Step[];
  images: Step[];
  /** Must follow the images: re-exports under new names, and removals. */
  afterwards: Step[];
}

const NAMING = '^day(?<day>\\d+)/(?<date>\\d{8}T\\d{6})_(?<well>[A-H]\\d{2})\\.png$';

const notes = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    location: 'bench',
    microscope: 'chaos-scope',
    cellModel: 'disc',
    firstDosing: '2026-03-02T09:00:00+01:00',
    vehicleControls: ['dmso'],
    untreatedControls: ['medium'],
    imagingDays: [3, 7],
    namingPattern: NAMING,
    ...over,
  });

interface MapRow {
  well: string;
  compound: string;
  concentration_uM: number;
  role: 'treated' | 'vehicle' | 'untreated';
}

const DOSES = [0.3, 3, 30, 300];
const doseRows = (row: string, compound: string): MapRow[] =>
  DOSES.map((concentration_uM, i) => ({ well: `${row}0${i + 1}`, compound, concentration_uM, role: 'treated' }));

const PLATES: Record<string, MapRow[]> = {
  'plate one': [
    ...doseRows('A', 'troglitazone'),
    ...['B01', 'B02', 'B03'].map((well): MapRow => ({ well, compound: 'dmso', concentration_uM: 0, role: 'vehicle' })),
  ],
  // No vehicle wells: this plate lives by the pooled fallback.
  P2: [...doseRows('C', 'tamoxifen'), { well: 'D01', compound: 'medium', concentration_uM: 0, role: 'untreated' }],
};

const mapCsv = (rows: readonly MapRow[]): string =>
  [
    'well,compound,concentration_uM,role',
    ...rows.map((r) => `${r.well},${r.compound},${r.concentration_uM},${r.role}`),
  ].join('\n');

const imageKey = (plate: string, day: number, well: string, time = '120000'): string =>
  `exports/${STUDY}/${plate}/day${day}/2026030${2 + day}T${time}_${well}.png`;

const studyKey = `exports/${STUDY}/study.json`;
const mapKey = (plate: string): string => `exports/${STUDY}/${plate}/platemap.csv`;

export async function buildScenario(): Promise<Scenario> {
  const images: Step[] = [];
  let seed = 1;
  for (const [plate, rows] of Object.entries(PLATES)) {
    for (const day of [3, 7]) {
      for (const row of rows) {
        const damage = row.role === 'treated' ? Math.min(1, (row.concentration_uM / 100) * (day / 7)) : 0;
        images.push({ kind: 'put', key: imageKey(plate, day, row.well), body: await discImage(seed, damage) });
        seed += 1;
      }
    }
  }
  images.push({ kind: 'put', key: imageKey('P2', 7, 'H12'), body: 'a text file that an instrument would never write' });
  return {
    wrongNotes: [
      { kind: 'put', key: studyKey, body: notes({ vehicleControls: ['water'], imagingDays: [3] }) },
      {
        kind: 'put',
        key: mapKey('P2'),
        body: mapCsv((PLATES['P2'] ?? []).map((row) => ({ ...row, concentration_uM: row.concentration_uM * 10 }))),
      },
    ],
    notes: [
      { kind: 'put', key: studyKey, body: notes() },
      ...Object.entries(PLATES).map(([plate, rows]): Step => ({ kind: 'put', key: mapKey(plate), body: mapCsv(rows) })),
    ],
    images,
    afterwards: [
      // The same slot, taken later, under a new name: it counts, the first is superseded.
      { kind: 'put', key: imageKey('plate one', 7, 'A03', '130000'), body: await discImage(900, 0.5) },
      // The same name with new pixels: a new version.
      { kind: 'put', key: imageKey('plate one', 3, 'A01'), body: await discImage(901, 0.1) },
      { kind: 'remove', key: imageKey('P2', 3, 'C04') },
    ],
  };
}
