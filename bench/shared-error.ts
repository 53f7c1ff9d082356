/**
 * How often 95 % intervals hold the truth when the model misreads all wells of a study alike and says how much it may. Run: `npx tsx bench/shared-error.ts [studies]`.
 */
import { analyseCurve } from '../lambdas/domain/curves/analyse.ts';
import type { CurveWell } from '../lambdas/domain/curves/data.ts';
import type { Interval } from '../lambdas/domain/curves/intervals.ts';
import { mean, median } from '../lambdas/domain/statistics.ts';
import { plateOfCurve, trueCrossing, USUAL_DESIGN } from '../simulation/curve-plate.ts';
import { misread } from '../simulation/misread.ts';
import { seededRandom, seedOf } from '../simulation/random.ts';

const studies = Number(process.argv[2] ?? 1000);
const DESIGN = { ...USUAL_DESIGN, replicates: 2, vehicleWells: 16, controlCv: 0.1 };

const share = (values: readonly boolean[]): string => mean(values.map(Number)).toFixed(3);
const holds = ({ low_uM, high_uM }: Interval, truth: number): boolean =>
  (low_uM ?? 0) <= truth && truth <= (high_uM ?? Number.POSITIVE_INFINITY);
const foldOf = ({ low_uM, high_uM }: Interval): number =>
  low_uM === null || high_uM === null ? Number.POSITIVE_INFINITY : high_uM / low_uM;

for (const [hill, sd, correlation] of [
  [1, 0.08, 1],
  [1.5, 0.05, 1],
  [1.5, 0.1, 1],
  [2.5, 0.08, 1],
  [1.5, 0.05, 0.6],
  [1.5, 0.1, 0.6],
] as const) {
  const losses = Array.from({ length: studies }, (_, study) => {
    const random = seededRandom(seedOf('shared error', hill, sd, correlation, study));
    const truth = { upper: 1, lower: 0, hill, middle_uM: 10 ** (0.5 + random()) };
    const wells = misread(plateOfCurve(truth, DESIGN, random), truth, { sd, correlation }, random);
    return (analyseCurve(wells, [20, 50])?.losses ?? []).map((loss) => ({
      ...loss,
      truth: trueCrossing(truth, 1 - loss.level / 100),
    }));
  }).flat();
  const of = (level: number) => losses.filter((loss) => loss.level === level);
  const covered = (level: number): string => share(of(level).map((loss) => holds(loss, loss.truth)));
  console.log(
    `steepness ${hill}, bias of ${sd} (SD) at one half, correlation ${correlation}: IC50 ${covered(50)} (wells alone ${share(of(50).map((loss) => holds(loss.parts?.wells ?? loss, loss.truth)))}), IC20 ${covered(20)}; median interval of the IC50 ${median(of(50).map(foldOf)).toFixed(2)}-fold (wells alone ${median(of(50).map((loss) => foldOf(loss.parts?.wells ?? loss))).toFixed(2)})`,
  );
}

// Three plates by one model and one by another, that misread apart or the same way.
for (const areAlike of [false, true]) {
  const found = Array.from({ length: studies }, (_, study) => {
    const random = seededRandom(seedOf('two models', String(areAlike), study));
    const truth = { upper: 1, lower: 0, hill: 1.5, middle_uM: 10 ** (0.5 + random()) };
    const biasOf = (model: string) => seededRandom(seedOf('bias', study, areAlike ? '' : model));
    const wells = ['a', 'a', 'a', 'b'].flatMap((model, i) =>
      misread(
        plateOfCurve(truth, DESIGN, random),
        truth,
        { sd: model === 'a' ? 0.04 : 0.1, correlation: 1 },
        biasOf(model),
      ).map((well) => ({ ...well, scale: `plate ${i}`, model })),
    );
    const half = (of: readonly CurveWell[]) => analyseCurve(of, [50])?.losses ?? [];
    const ofOne = wells.map(({ model: _model, ...well }) => well);
    return { truth: truth.middle_uM, mean: half(wells), median: half(ofOne) };
  });
  const said = (of: 'mean' | 'median'): string =>
    `${share(found.flatMap(({ truth, [of]: own }) => own.map((loss) => holds(loss, truth))))}, ${median(found.flatMap(({ [of]: own }) => own.map(foldOf))).toFixed(2)}-fold`;
  console.log(
    `three plates by a model with a bias of 0.04 (SD), one by another with 0.1, ${areAlike ? 'the same way' : 'apart'}: IC50 ${said('mean')} (with the median of all wells instead of the mean over the models: ${said('median')})`,
  );
}
