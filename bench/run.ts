/** `npm run bench`: speed and memory, printed with the peer where there is one. Nothing here is asserted by a test. */
import '../cli/quiet-sdk.mjs';
import { cpus } from 'node:os';
import { benchCurves, benchUnreached } from './curves.ts';
import { benchDecode } from './decode.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchFits } from './fits.ts';
import { benchInference } from './inference.ts';
import { benchStudyDay } from './study-day.ts';

const SIZES = [50, 500];
/** Simulated plates a line of the coverage table. */
const PLATES = 600;
const FLAT_COMPOUNDS = 250;
const STUDY_DAY_PLATES = 20;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const rounded = (value: number): string => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(2)));

const processors = cpus();
say(`${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`);

say('\nDecode, measure quality and resize a 2048 × 1536 frame, images/s on one task');
say('format              MB     here   sharp alone');
for (const { format, megabytes, ours, sharp } of await benchDecode()) {
  say(
    `${format.padEnd(18)} ${megabytes.toFixed(1).padStart(4)} ${rounded(ours).padStart(7)} ${rounded(sharp).padStart(12)}`,
  );
}
say('(sharp alone measures no quality, interpolates differently and cuts 16 bit to 8)');

say(`\nInference, int8, one thread: ${rounded(await benchInference())} images/s`);
say(`Dose-response fits of 8 points: ${rounded(benchFits())} a second of one core`);

const { analysesPerSecond, coverage } = benchCurves(PLATES);
say(
  `\nSupported curve with intervals at 8 losses, 8 doses of 3 wells: ${rounded(analysesPerSecond)} a second of one core`,
);
say(`Share of 95 % intervals that hold the truth, ${PLATES} simulated plates each, control CV 14 %`);
say('true curve            vehicle wells   IC10   IC20   IC50   IC90');
for (const { scenario, vehicleWells, covered } of coverage) {
  const shares = Object.values(covered).map((share) => (Number.isNaN(share) ? '–' : share.toFixed(3)).padStart(6));
  say(`${scenario.padEnd(22)} ${String(vehicleWells).padStart(12)} ${shares.join(' ')}`);
}

say('\nCompounds that never lose half, with a finite IC50 all the same');
say('true curve               compounds   published rule   supported curve');
for (const { kind, compounds, published, supported } of benchUnreached(FLAT_COMPOUNDS)) {
  say(
    `${kind.padEnd(24)} ${String(compounds).padStart(9)} ${String(published).padStart(16)} ${String(supported).padStart(17)}`,
  );
}
const day = benchStudyDay(STUDY_DAY_PLATES);
say(
  `\nScoring a study-day of ${STUDY_DAY_PLATES} plates (${day.wells} wells, ${day.compounds} compounds), both methods: ${rounded(day.seconds)} s`,
);

const { startSeconds, runs, memoryMegabytes } = await benchEndToEnd(SIZES);
say('\nEnd to end: 2048 × 1536 8-bit TIFF, first upload to last reading, through the synthesised template');
for (const { images, seconds, imagesPerSecond } of runs) {
  say(
    `${String(images).padStart(5)} images ${seconds.toFixed(1).padStart(6)} s ${rounded(imagesPerSecond).padStart(6)} images/s`,
  );
}
const [few, many] = runs;
if (few && many) {
  say(`${many.images / few.images} × the images took ${rounded(many.seconds / few.seconds)} × the time`);
}
say(
  `start-up ${startSeconds.toFixed(2)} s; memory at most ${Math.round(memoryMegabytes)} MB, cloud, model, uploader and functions together`,
);
say('(a plain OpenCV + PyTorch script without queue or storage did 17 images/s on a machine of this kind)');
