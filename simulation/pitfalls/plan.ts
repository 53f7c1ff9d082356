/**
 * Which wells make up the pitfall set: living spheroids, each drawn as it is and with every pitfall at every strength. Known microscopes
 * and the unseen one have as many wells. None of it is ever trained on.
 */
import { wellName } from '../../lambdas/domain/well.ts';
import { type Mechanism, TRAINING_MECHANISMS, UNSEEN_MECHANISM } from '../profiles/mechanisms.ts';
import { PITFALLS, STRENGTHS, TOP_DOSE_UM } from '../profiles/pitfalls.ts';
import { lognormal, seededRandom, seedOf } from '../random.ts';
import { ATP_NOISE_CV, type TrainingRow } from '../training/plan.ts';

/** One image: the columns of `index.csv`, before what imaging measures. */
export interface PitfallRow extends Omit<TrainingRow, 'split'> {
  split: 'pitfall';
  /** Name of the pitfall; empty for a well as it is. */
  phenomenon: string;
  strength: number;
  /** What that means, for people. */
  drawn: string;
  /** Row of the same well without the pitfall. */
  matched: number;
}

/** A living well's spread, as of controls. */
const VIABILITY_CV = 0.1;
const SCALE_CV = 0.3;
const COLUMNS = 24;

/** @param wells living wells of each plate; a plate for each known microscope, as many for the unseen one */
export function planPitfalls(wells: number): PitfallRow[] {
  const plates = [...TRAINING_MECHANISMS, ...TRAINING_MECHANISMS.map(() => UNSEEN_MECHANISM)];
  const rows: PitfallRow[] = [];
  for (const [index, mechanism] of plates.entries())
    rows.push(...planPlate(mechanism, `pitfalls-p${String(index + 1).padStart(2, '0')}`, wells, rows.length));
  return rows;
}

function planPlate(mechanism: Mechanism, plate: string, wells: number, firstRow: number): PitfallRow[] {
  const random = seededRandom(seedOf('pitfalls', plate));
  const scale = 1e6 * lognormal(random, SCALE_CV);
  const base = {
    location: mechanism.microscope.location,
    microscope: mechanism.microscope.name,
    mechanism: mechanism.name,
    cell_model: mechanism.cellModel.name,
    study: 'pitfalls',
    plate,
    batch: plate,
    date: '2026-01-05',
    day: 7,
    split: 'pitfall',
  } as const;
  const rows: PitfallRow[] = [];
  for (let number = 0; number < wells; number += 1) {
    const living = lognormal(random, VIABILITY_CV);
    const matched = firstRow + rows.length;
    const add = (
      of: Pick<PitfallRow, 'compound' | 'role' | 'concentration_uM' | 'phenomenon' | 'strength' | 'drawn'>,
      lost: number,
    ): void => {
      const viability = living * (1 - lost);
      const at = rows.length;
      rows.push({
        row: firstRow + at,
        ...base,
        compound: of.compound,
        role: of.role,
        well: wellName({ row: Math.floor(at / COLUMNS), column: at % COLUMNS }),
        concentration_uM: of.concentration_uM,
        viability_true: Math.round(viability * 10_000) / 10_000,
        atp_rlu: Math.round(viability * scale * lognormal(random, ATP_NOISE_CV)),
        phenomenon: of.phenomenon,
        strength: of.strength,
        drawn: of.drawn,
        matched,
      });
    };
    const asItIs = { phenomenon: '', strength: 0, drawn: '' };
    add({ ...asItIs, compound: 'medium', role: 'untreated', concentration_uM: 0 }, 0);
    for (const { name, lost, told } of PITFALLS) {
      for (const strength of STRENGTHS) {
        const concentration_uM = TOP_DOSE_UM * strength;
        const of = { phenomenon: name, strength, drawn: told(strength), compound: name, concentration_uM };
        add({ ...of, role: 'treated' }, lost(strength));
      }
    }
  }
  return rows;
}
