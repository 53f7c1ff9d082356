/** From light to counts: shot-like noise that grows with the root of the light, and the camera's bit depth. */
import { gaussianAt } from '../noise.ts';
import type { Random } from '../random.ts';

/**
 * @param light fraction of full scale per pixel
 * @param noise standard deviation at the level `background`, as a fraction of it
 */
export function expose(
  light: Float32Array,
  bitDepth: number,
  noise: number,
  background: number,
  random: Random,
): Uint16Array {
  const full = 2 ** bitDepth - 1;
  const counts = new Uint16Array(light.length);
  const scale = noise * Math.sqrt(background);
  let index = (65536 * random()) | 0;
  // An odd stride per frame walks the noise table in another order each time.
  const stride = (1 + 2 * Math.floor(32768 * random())) | 0;
  for (let i = 0; i < light.length; i += 1) {
    index = (index + stride) & 0xffff;
    const value = light[i] ?? 0;
    const count = (value + scale * Math.sqrt(Math.max(0, value)) * gaussianAt(index)) * full;
    if (count >= full) counts[i] = full;
    else if (count > 0) {
      // Math.round without its branch, which noise makes unpredictable: a third of the time.
      const whole = count | 0;
      counts[i] = whole + ((2 * (count - whole)) | 0);
    }
  }
  return counts;
}
