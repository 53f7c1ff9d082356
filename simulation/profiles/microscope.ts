/** What a microscope adds to a picture, whatever lies under it. Lengths are fractions of the frame's side. */
import type { Range } from '../random.ts';

export interface MicroscopeProfile {
  name: string;
  location: string;
  /** True bit depth of the camera; files hold it in 8 or 16 bits. */
  bitDepth: 8 | 10 | 12 | 14 | 16;
  /** Background as a fraction of full scale. */
  background: Range;
  /** Corner brightness against the centre, -0.18 = 18 % darker. */
  vignetting: Range;
  /** Standard deviation of the focus blur. */
  blur: Range;
  /** Standard deviation of the noise at background level, as a fraction of the background. */
  noise: Range;
  /** Amplitude of the radial striations of a moulded well bottom. */
  striations: Range;
  /** Amplitude of the slow unevenness of the field. */
  unevenness: Range;
}
