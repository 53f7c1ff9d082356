/** What plate quality says of simulated plates, with and without an effect of place. Run: `npx tsx bench/plate-quality.ts`. */
import { type PlateQuality, plateQuality } from '../lambdas/domain/plate-quality/index.ts';
import { median } from '../lambdas/domain/statistics.ts';
import { type EffectPlateDesign, effectPlate, PLACE_EFFECTS, plateLevelOf } from '../simulation/effect-plate.ts';
import { seededRandom, seedOf } from '../simulation/random.ts';

const PLATES = 200;
const MEASURES: Record<string, (quality: PlateQuality) => number | null> = {
  'CV %': ({ controls }) => controls.robustVehicleCv && 100 * controls.robustVehicleCv,
  'edge %': ({ spatial }) => spatial.edge && 100 * spatial.edge.effect,
  'rows %': ({ spatial }) => spatial.rowDrift && 100 * spatial.rowDrift.effect,
  'columns %': ({ spatial }) => spatial.columnDrift && 100 * spatial.columnDrift.effect,
  NRFE: ({ spatial }) => spatial.nrfe,
  'neighbours z': ({ spatial }) => spatial.neighbours_z,
};

const say = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);

function qualities(name: string, design: Omit<EffectPlateDesign, 'plateLevel'>): PlateQuality[] {
  return Array.from({ length: PLATES }, (_, i) => {
    const random = seededRandom(seedOf(name, i));
    const { wells } = effectPlate({ ...design, plateLevel: plateLevelOf(random) }, random);
    return plateQuality({ wells, used: wells, excluded: new Map(), positiveControls: [] });
  });
}

say([
  'effect',
  'layout',
  'control CV',
  ...Object.keys(MEASURES),
  'accept',
  'review',
  'reject',
  'control wells left out',
]);
say(Array.from({ length: 13 }, () => '---'));
for (const [name, effect] of Object.entries(PLACE_EFFECTS)) {
  for (const layout of ['rows', 'scattered'] as const) {
    for (const controlCv of name === 'none' ? [0.07, 0.14, 0.21] : [0.14]) {
      const found = qualities(`${name}${layout}${controlCv}`, {
        compounds: 16,
        doses: 8,
        vehicleWells: 16,
        controlCv,
        layout,
        effect,
      });
      const share = (verdict: string): string =>
        `${Math.round((100 * found.filter((quality) => quality.verdict === verdict).length) / PLATES)} %`;
      const measures = Object.values(MEASURES).map((of) => {
        const values = found.flatMap((quality) => of(quality) ?? []);
        return values.length === 0 ? '–' : median(values).toFixed(1);
      });
      const leftOut = found.reduce((sum, quality) => sum + quality.leftOut.length, 0);
      say([
        name,
        layout,
        `${Math.round(100 * controlCv)} %`,
        ...measures,
        share('accept'),
        share('review'),
        share('reject'),
        String(leftOut),
      ]);
    }
  }
}
