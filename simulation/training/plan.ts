/**
 * Which wells make up a labelled set, before any picture is drawn: domains, studies, batches with dates, plates with
 * their controls, and the ATP that a luminometer would have read.
 */
import { type Mechanism, TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../profiles/mechanisms.ts';
import { lognormal, seededRandom, seedOf, uniform } from '../random.ts';

export type Split = 'train' | 'validation' | 'test' | 'unseen';

/** One labelled image. Columns of `index.csv`, in this order. */
export interface TrainingRow {
  row: number;
  location: string;
  microscope: string;
  mechanism: string;
  cell_model: string;
  study: string;
  plate: string;
  batch: string;
  date: string;
  day: number;
  compound: string;
  role: 'untreated' | 'vehicle' | 'treated';
  well: string;
  concentration_uM: number;
  split: Split;
  viability_true: number;
  /** Luminometer counts: viability × the plate's scale × reading noise. */
  atp_rlu: number;
}

const CONTROLS_EACH = 6;
const COMPOUNDS = 5;
const DOSES = 8;
/** Wells imaged in one plate read. */
export const WELLS_PER_READ = 2 * CONTROLS_EACH + COMPOUNDS * DOSES;
/** Of one reading of the luminometer. */
export const ATP_NOISE_CV = 0.05;
const DAYS = [1, 3, 7, 10];
const FIRST_DATE = Date.UTC(2025, 0, 6);
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** Plate reads of one training domain: the last study is held out as test, the last batches in time validate. */
const SHARE = { test: 0.08, validation: 0.12 };
/** Plate reads that are dosed on one day: they are trained on or judged by, never both. */
const READS_A_BATCH = 2;
/** A batch for each of training, validation and test. */
const FEWEST_READS = 3 * READS_A_BATCH;

/** @param images wanted number over all training domains; the unseen microscope adds about a tenth */
export function planTrainingSet(images: number): TrainingRow[] {
  const reads = Math.max(FEWEST_READS, Math.round(images / TRAINING_MECHANISMS.length / WELLS_PER_READ));
  const rows: TrainingRow[] = [];
  for (const mechanism of TRAINING_MECHANISMS) {
    for (let read = 0; read < reads; read += 1) rows.push(...planRead(mechanism, read, splitOf(read, reads)));
  }
  const unseenReads = Math.max(2, Math.round((reads * TRAINING_MECHANISMS.length) / 10));
  for (let read = 0; read < unseenReads; read += 1) rows.push(...planRead(UNSEEN_MECHANISM, read, 'unseen'));
  return rows.map((row, index) => ({ ...row, row: index }));
}

function splitOf(read: number, reads: number): Split {
  const test = Math.max(1, Math.round(reads * SHARE.test));
  const validation = Math.max(1, Math.round(reads * SHARE.validation));
  const testFrom = startOfBatch(reads - test);
  if (read >= testFrom) return 'test';
  return read >= Math.min(startOfBatch(reads - test - validation), testFrom - READS_A_BATCH) ? 'validation' : 'train';
}

const startOfBatch = (read: number): number => read - (read % READS_A_BATCH);

function planRead(mechanism: Mechanism, read: number, split: Split): TrainingRow[] {
  const random = seededRandom(seedOf('training', mechanism.name, read));
  const scale = 1e6 * lognormal(random, 0.3);
  const controlCv = uniform(random, [0.07, 0.15]);
  const base = {
    location: mechanism.microscope.location,
    microscope: mechanism.microscope.name,
    mechanism: mechanism.name,
    cell_model: mechanism.cellModel.name,
    study: `${mechanism.name}-${split === 'test' ? 'held-out' : `s${1 + Math.floor(read / 12)}`}`,
    plate: `${mechanism.name}-p${String(read + 1).padStart(3, '0')}`,
    batch: `${mechanism.name}-b${String(1 + Math.floor(read / READS_A_BATCH)).padStart(3, '0')}`,
    date: new Date(FIRST_DATE + Math.floor(read / READS_A_BATCH) * WEEK_MS).toISOString().slice(0, 10),
    day: DAYS[read % DAYS.length] ?? 7,
    split,
  };
  const rows: TrainingRow[] = [];
  const add = (role: TrainingRow['role'], compound: string, concentration_uM: number, expected: number): void => {
    const viability = Math.max(0, expected * lognormal(random, controlCv * 0.9));
    const atp = Math.round(viability * scale * lognormal(random, ATP_NOISE_CV));
    rows.push({
      ...base,
      row: 0,
      compound,
      role,
      well: wellOf(rows.length),
      concentration_uM,
      viability_true: round(viability),
      atp_rlu: atp,
    });
  };
  for (let i = 0; i < CONTROLS_EACH; i += 1) add('untreated', 'medium', 0, 1);
  for (let i = 0; i < CONTROLS_EACH; i += 1) add('vehicle', 'dmso', 0, 0.98);
  for (let c = 0; c < COMPOUNDS; c += 1) {
    const ic50 = 10 ** uniform(random, [-0.4, 2.2]);
    const hill = uniform(random, [0.6, 1.6]);
    for (let d = 0; d < DOSES; d += 1) {
      const dose = 0.1 * 10 ** (d / 2);
      add(
        'treated',
        `c${String(1 + ((read * COMPOUNDS + c) % 60)).padStart(2, '0')}`,
        round(dose),
        1 / (1 + (dose / ic50) ** hill),
      );
    }
  }
  return rows;
}

const wellOf = (index: number): string =>
  `${String.fromCharCode(65 + Math.floor(index / 12))}${String(1 + (index % 12)).padStart(2, '0')}`;
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
