/**
 * Levels of scales that borrow from a pool of vehicle wells: each differs by a share from the centre of the pool, and that from the 1 that was observed of it.
 * By a share, because a difference in viability would favour large plateaus over small levels. The centre is eliminated with the levels: what
 * all borrowers have in common is one number, which they do not average out.
 */
import type { Pool } from './data.ts';

/** Sums over the cells of each scale, weighted: values of the curve times what is read, and times themselves. */
export interface Explained {
  explained: Float64Array;
  norms: Float64Array;
}

const MAX_STEPS = 60;
/** Of a logarithm. */
const ENOUGH = 1e-11;
/** No level is moved by more than this in a step, by its logarithm. */
const LONGEST_STEP = 0.7;
/** Dead cells say nothing of a level: it is looked for from here. */
const LEAST_START = 0.1;

/**
 * Best levels of the borrowers (Gauss-Newton by their logarithms), with the residuals of each pool from `row` on: the share by which each borrower lies off its
 * centre, and the centre off what was observed.
 *
 * @param centres of each pool, to be filled
 */
export function fillBorrowed(
  pools: readonly Pool[],
  { explained, norms }: Explained,
  { levels, centres }: { levels: Float64Array; centres: Float64Array },
  residuals: Float64Array,
  row: number,
): void {
  let next = row;
  pools.forEach(({ weight, scales, scaleWeight }, p) => {
    let centre = 1;
    for (const of of scales) levels[of] = Math.max(LEAST_START, levels[of] ?? 1);
    for (let step = 0, longest = 1; step < MAX_STEPS && longest > ENOUGH; step += 1) {
      let [towards, stiffness] = [weight ** 2 * centre * (1 - centre), (weight * centre) ** 2];
      for (const of of scales) {
        const { downhill, curvature, pull, off } = around(of, scaleWeight, centre);
        towards += (pull * downhill - curvature * off) / (curvature + pull);
        stiffness += (pull * curvature) / (curvature + pull);
      }
      const moved = clamped(towards / stiffness);
      longest = Math.abs(moved);
      for (const of of scales) {
        const { downhill, curvature, pull, off } = around(of, scaleWeight, centre);
        const by = clamped((downhill + off + pull * moved) / (curvature + pull));
        longest = Math.max(longest, Math.abs(by));
        levels[of] = (levels[of] ?? 1) * Math.exp(by);
      }
      centre *= Math.exp(moved);
    }
    centres[p] = centre;
    for (const of of scales) {
      residuals[next] = scaleWeight * (1 - (levels[of] ?? 1) / centre);
      next += 1;
    }
    residuals[next] = weight * (1 - centre);
    next += 1;
  });

  /** What a scale's cells, and its pool, say of the logarithm of its level: half the slopes down, and the curvatures. */
  function around(of: number, scaleWeight: number, centre: number) {
    const level = levels[of] ?? 1;
    const norm = norms[of] ?? 0;
    const share = level / centre;
    return {
      downhill: level * ((explained[of] ?? 0) - norm * level),
      curvature: norm * level ** 2,
      pull: (scaleWeight * share) ** 2,
      off: scaleWeight ** 2 * share * (1 - share),
    };
  }
}

const clamped = (move: number): number => Math.min(LONGEST_STEP, Math.max(-LONGEST_STEP, move));

/**
 * What of a slope of the cells the levels take up, about the levels and centres that {@link fillBorrowed} left; with the slopes of its residuals from `row` on.
 *
 * @param along of each scale, weighted: values of the curve times the slope
 */
export function fillMoved(
  pools: readonly Pool[],
  { along, norms, levels, centres }: Record<'along' | 'norms' | 'levels' | 'centres', Float64Array>,
  moved: Float64Array,
  slope: Float64Array,
  row: number,
): void {
  let next = row;
  pools.forEach(({ weight, scales, scaleWeight }, p) => {
    const centre = centres[p] ?? 1;
    const around = (of: number) => {
      const level = levels[of] ?? 1;
      const share = level / centre;
      const curvature = (norms[of] ?? 0) * level ** 2;
      return { level, share, curvature, pull: (scaleWeight * share) ** 2, downhill: level * (along[of] ?? 0) };
    };
    let [towards, stiffness] = [0, (weight * centre) ** 2];
    for (const of of scales) {
      const { curvature, pull, downhill } = around(of);
      towards += (pull * downhill) / (curvature + pull);
      stiffness += (pull * curvature) / (curvature + pull);
    }
    const ofCentre = towards / stiffness;
    for (const of of scales) {
      const { level, share, curvature, pull, downhill } = around(of);
      const by = (downhill + pull * ofCentre) / (curvature + pull);
      moved[of] = level * by;
      slope[next] = scaleWeight * share * (by - ofCentre);
      next += 1;
    }
    slope[next] = weight * centre * ofCentre;
    next += 1;
  });
}
