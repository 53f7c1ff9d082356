/** Small bright-field-like pictures: a disc whose rim frays, so that different wells read differently. Chaos is about order, not optics. */
import sharp from 'sharp';
import { seededRandom } from '../../simulation/random.ts';

const SIDE = 280;

/** PNG of a disc on a bright ground; `damage` 0-1 scatters its mass. Equal arguments give equal bytes. */
export async function discImage(seed: number, damage: number): Promise<Buffer> {
  const random = seededRandom(seed);
  const pixels = Buffer.alloc(SIDE * SIDE, 0);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = 158 + Math.round(6 * random());
  const radius = 55 + 10 * random();
  for (let cell = 0; cell < 900; cell += 1) {
    const angle = 2 * Math.PI * random();
    const distance = radius * Math.sqrt(random()) * (1 + damage * 1.2 * random());
    stamp(
      pixels,
      SIDE / 2 + distance * Math.cos(angle),
      SIDE / 2 + distance * Math.sin(angle),
      4,
      40 + Math.round(20 * random()),
    );
  }
  return await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

function stamp(pixels: Buffer, cx: number, cy: number, radius: number, gray: number): void {
  for (let y = Math.floor(cy - radius); y <= cy + radius; y += 1) {
    for (let x = Math.floor(cx - radius); x <= cx + radius; x += 1) {
      const inside = x >= 0 && y >= 0 && x < SIDE && y < SIDE && (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2;
      if (inside) pixels[y * SIDE + x] = gray;
    }
  }
}
