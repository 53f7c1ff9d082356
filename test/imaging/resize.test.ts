/** Proof against OpenCV without OpenCV: hashes of what INTER_LINEAR_EXACT of OpenCV 4.6.0 gives on generated images. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resizeCentredSquare } from '../../lambdas/imaging/resize.ts';
import fixture from './fixtures/resize-vectors.json' with { type: 'json' };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function generate(kind: string, width: number, height: number, seed: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  let state = seed;
  for (let i = 0; i < pixels.length; i += 1) {
    if (kind === 'lcg') {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      pixels[i] = state >>> 24;
    } else {
      const x = i % width;
      const y = Math.floor(i / width);
      pixels[i] = Math.floor((x * x + 3 * y * y + seed * x * y) / 97) % 256;
    }
  }
  return pixels;
}

describe('resize to the model input', () => {
  it.each(fixture.vectors)('$kind $width × $height, seed $seed', (vector) => {
    const pixels = generate(vector.kind, vector.width, vector.height, vector.seed);
    expect(sha256(pixels)).toBe(vector.inputSha256);
    const output = resizeCentredSquare(pixels, vector.width, vector.height);
    expect([...output.subarray(0, 16)]).toEqual(vector.firstRow);
    expect(sha256(output)).toBe(vector.outputSha256);
  });
});
