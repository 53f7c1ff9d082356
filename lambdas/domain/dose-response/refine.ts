/** From a start to the bottom of its valley: least squares of `1 / (1 + (c / IC50)^h)` by damped Newton steps. */

export interface Start {
  /** ln IC50, from the middle of the doses on. */
  a: number;
  hill: number;
}

export interface Fitted extends Start {
  sse: number;
}

export interface Problem {
  /** ln concentration, from the middle of the doses on. */
  x: Float64Array;
  /** Fractions of the vehicle wells' viability. */
  y: Float64Array;
  /** Limits of ln IC50. */
  low: number;
  high: number;
}

/** Limits of h and of ln IC50 beyond the tested range: where the curve no longer changes in double precision. */
export const HILL = [1e-4, 1e4] as const;
export const BEYOND = Math.log(1e100);

const MAX_ITERATIONS = 200;
/** Largest factor by which a step changes the steepness. */
const LONGEST_STRIDE = 8;
/** Second derivatives whose product is not above this share of the mixed one squared are not bent upwards. */
const NEARLY_SINGULAR = 1.0001;
const LEAST_DAMPING = 1e-12;
/** A step that promises less than this share of the sum of squares is the last. */
const ENOUGH_GAIN = 1e-13;
/** Gain that counts for nothing where the curve goes through every point. */
const NO_GAIN = 1e-24;

/** Sum of squares with half its gradient, and half its second derivatives with and without the terms in the residuals. */
interface Surface {
  sse: number;
  gh: number;
  gk: number;
  /** Gauss-Newton: never negative. */
  hh: number;
  hk: number;
  kk: number;
  /** What the full second derivatives have beyond. */
  moreHh: number;
  moreHk: number;
  moreKk: number;
}

const emptySurface = (): Surface => ({ sse: 0, gh: 0, gk: 0, hh: 0, hk: 0, kk: 0, moreHh: 0, moreHk: 0, moreKk: 0 });

/** The surface at the curve 1 / (1 + e^(hx − k)). */
function lookAt({ x, y }: Problem, h: number, k: number, into: Surface): void {
  let [sse, gh, gk, hh, hk, kk, moreHh, moreHk, moreKk] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    const xi = x[i] ?? 0;
    const v = 1 / (1 + Math.exp(h * xi - k));
    const residual = (y[i] ?? 0) - v;
    sse += residual * residual;
    // ∂v/∂u = −w, ∂²v/∂u² = w (1 − 2v) for u = hx − k.
    const w = v * (1 - v);
    gh += residual * w * xi;
    gk -= residual * w;
    const slope = w * w;
    hh += slope * xi * xi;
    hk -= slope * xi;
    kk += slope;
    const bend = residual * w * (2 * v - 1);
    moreHh += bend * xi * xi;
    moreHk -= bend * xi;
    moreKk += bend;
  }
  into.sse = sse;
  into.gh = gh;
  into.gk = gk;
  into.hh = hh;
  into.hk = hk;
  into.kk = kk;
  into.moreHh = moreHh;
  into.moreHk = moreHk;
  into.moreKk = moreKk;
}

/**
 * Newton where the surface is bent upwards, else Gauss-Newton; damped as Levenberg and Marquardt do until it falls. On h and
 * k = h · ln IC50, in which the exponent is linear: the valleys of steep curves are straight there.
 */
export function refine(problem: Problem, start: Start): Fitted {
  const { low, high } = problem;
  let h = start.hill;
  let k = h * start.a;
  let damping = LEAST_DAMPING;
  let here = emptySurface();
  let there = emptySurface();
  lookAt(problem, h, k, here);
  for (let iteration = 0; iteration < MAX_ITERATIONS && damping < 1e12; iteration += 1) {
    let { hh, hk, kk } = here;
    const [fullHh, fullHk, fullKk] = [hh + here.moreHh, hk + here.moreHk, kk + here.moreKk];
    if (fullHh > 0 && fullKk > 0 && fullHh * fullKk > NEARLY_SINGULAR * fullHk * fullHk)
      [hh, hk, kk] = [fullHh, fullHk, fullKk];
    hh += damping * here.hh + 1e-300;
    kk += damping * here.kk + 1e-300;
    const [least, most] = [Math.max(HILL[0], h / LONGEST_STRIDE), Math.min(HILL[1], h * LONGEST_STRIDE)];
    let nextH = h - (here.gh * kk - here.gk * hk) / (hh * kk - hk * hk);
    // Outside its limits a parameter stands at them, and the other one follows.
    nextH = nextH >= least ? Math.min(most, nextH) : least;
    let nextK = k - (here.gk + hk * (nextH - h)) / kk;
    const limit = nextK > nextH * high ? high : nextK < nextH * low ? low : undefined;
    if (limit !== undefined) {
      const off = h * limit - k;
      const slope = here.gh + limit * here.gk + off * (hk + limit * kk);
      nextH = clamp(h - slope / (hh + limit * (2 * hk + limit * kk)), least, most);
      nextK = nextH * limit;
    }
    const promised = here.gh * (h - nextH) + here.gk * (k - nextK);
    lookAt(problem, nextH, nextK, there);
    const falls = there.sse <= here.sse;
    if (falls) {
      [h, k] = [nextH, nextK];
      [here, there] = [there, here];
      damping = Math.max(LEAST_DAMPING, damping / 30);
    } else {
      damping = Math.max(1e-3, damping * 5);
    }
    if (damping <= 1e-3 && Math.abs(promised) <= ENOUGH_GAIN * here.sse + NO_GAIN) break;
  }
  return { a: k / h, hill: h, sse: here.sse };
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
