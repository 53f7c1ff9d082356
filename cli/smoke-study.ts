/** What the smoke command uploads: the smallest study that has a score. */
import sharp from 'sharp';
import { UNSEEN_MECHANISM } from '../simulation/profiles/mechanisms.ts';
import { renderWell } from '../simulation/render/index.ts';

export const PLATE = 'P1';
/** Days after the first dosing on which the image is taken. */
export const READ_DAY = 1;
export const WELL_FILE = `day${READ_DAY}/smoke_A01.png`;

export const plateMap = 'well,compound,concentration_uM,role\nA01,dmso,0,vehicle\n';

/** study.json of a study that was dosed a day ago. */
export const studyNotes = (): string =>
  JSON.stringify({
    name: 'Smoke test of a deployment, SIMULATED IMAGE',
    location: UNSEEN_MECHANISM.microscope.location,
    microscope: UNSEEN_MECHANISM.microscope.name,
    cellModel: UNSEEN_MECHANISM.cellModel.name,
    firstDosing: new Date(Date.now() - READ_DAY * 24 * 3_600_000).toISOString(),
    imagingDays: [READ_DAY],
    simulated: true,
  });

/** A healthy spheroid as an 8-bit PNG. */
export async function simulatedImage(): Promise<Uint8Array> {
  const { pixels, side, bitDepth } = renderWell({ mechanism: UNSEEN_MECHANISM, viability: 1, seed: 1, side: 512 });
  const eightBit = Uint8Array.from(pixels, (value) => value >> (bitDepth - 8));
  return sharp(eightBit, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}
