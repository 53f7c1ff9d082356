/** Worker: draws the rows that it is sent; answers with the model's input and what imaging measures of the frame. */
import { parentPort } from 'node:worker_threads';
import { toEightBit } from '../../lambdas/imaging/model-input.ts';
import { assessQuality } from '../../lambdas/imaging/quality.ts';
import { resizeCentredSquare } from '../../lambdas/imaging/resize.ts';
import { mechanismByName } from '../profiles/mechanisms.ts';
import { pitfallByName } from '../profiles/pitfalls.ts';
import { renderWell } from '../render/index.ts';
import { frameSideOf } from '../training/input.ts';

export interface PitfallRequest {
  row: number;
  mechanism: string;
  /** Of the drawn spheroid. */
  viability: number;
  /** The same for a well with and without pitfalls. */
  seed: number;
  phenomenon: string;
  strength: number;
}

export interface PitfallAnswer {
  row: number;
  input: Uint8Array;
  /** Median gray as a fraction of full scale, and flags: {@link assessQuality}. */
  background: number;
  flags: string[];
}

parentPort?.on('message', ({ row, mechanism: name, viability, seed, phenomenon, strength }: PitfallRequest) => {
  const mechanism = mechanismByName(name);
  const side = frameSideOf(mechanism);
  const pitfall = phenomenon === '' ? {} : pitfallByName(phenomenon).drawn(strength);
  const frame = renderWell({ mechanism, viability, seed, side, ...pitfall });
  const grays = toEightBit(frame.pixels, frame.bitDepth);
  const { exposure, flags } = assessQuality(grays, side, side, []);
  const input = resizeCentredSquare(grays, side, side);
  const answer: PitfallAnswer = { row, input, background: exposure.background, flags };
  parentPort?.postMessage(answer, [input.buffer as ArrayBuffer]);
});
