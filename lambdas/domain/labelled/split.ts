/**
 * Which images train, validate and test: whole held-out studies test; validation is the last batches in time, in each domain
 * (location + microscope). Never by image: wells of one batch share more than their viability. The same wells may stand on two
 * microscopes of a location, as two studies of one dosing: such a dosing tests on all of them or on none.
 */
import { nearNames } from '../near-names.ts';
import { compareText, groupBy } from '../statistics.ts';

export type Split = 'train' | 'validation' | 'test' | 'unseen';

export interface SplitItem {
  location: string;
  microscope: string;
  study: string;
  plate: string;
  batch: string;
  /** Calendar day of the first dosing. */
  dosing: string;
  /** ISO 8601; the same for all items of a batch. */
  date: string;
}

export interface SplitOptions {
  /** Undefined: the last study in time of every domain that has two batches beside it. */
  testStudies: readonly string[] | undefined;
  /** Microscopes that the model must not see in training. */
  unseen: readonly string[];
  /** Share of a domain's remaining images that validation takes at least, where batches allow. */
  validationShare: number;
}

/** What was asked for cannot be had without flattering the model. */
export class SplitRefused extends Error {
  override readonly name = 'SplitRefused';
  constructor(
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${reason}. ${remedy}`);
  }
}

/** A domain gives up its last study to testing when these are left: one batch to train on, one to validate. */
const BATCHES_BESIDE_TEST = 2;

/** @returns the split of each item, in their order. @throws SplitRefused */
export function assignSplits(items: readonly SplitItem[], options: SplitOptions): Split[] {
  const known = (names: readonly string[], of: 'study' | 'microscope', option: string): void => {
    const all = [...new Set(items.map((item) => item[of]))];
    for (const name of names) {
      if (all.includes(name)) continue;
      const near = nearNames(
        name.toLowerCase(),
        all.map((candidate) => ({ key: candidate.toLowerCase(), name: candidate })),
      );
      throw new SplitRefused(
        `${option}: no labelled image is of ${of} ${name}`,
        near.length > 0 ? `Is it ${near.join(' or ')}?` : `There are ${all.join(', ')}.`,
      );
    }
  };
  known(options.testStudies ?? [], 'study', '--test-studies');
  known(options.unseen, 'microscope', '--unseen');
  const seen = items.filter(({ microscope }) => !options.unseen.includes(microscope));
  const domains = groupBy(seen, domainOf);
  const test = new Set(options.testStudies ?? withTwins([...domains.values()].flatMap(lastStudy), seen));
  const validation = new Set(
    [...domains].flatMap(([domain, own]) => {
      const rest = own.filter(({ study }) => !test.has(study));
      return validationBatches(rest, options.validationShare).map((batch) => JSON.stringify([domain, batch]));
    }),
  );
  const splits = items.map((item): Split => {
    if (options.unseen.includes(item.microscope)) return 'unseen';
    if (test.has(item.study)) return 'test';
    return validation.has(JSON.stringify([domainOf(item), item.batch])) ? 'validation' : 'train';
  });
  refuseLeaks(items, splits);
  return splits;
}

const domainOf = ({ location, microscope }: SplitItem): string => `${location} + ${microscope}`;

const dosingOf = ({ location, dosing }: SplitItem): string => JSON.stringify([location, dosing]);

/** With the studies of the same dosings and locations, on whatever microscope. */
function withTwins(studies: readonly string[], items: readonly SplitItem[]): string[] {
  const dosings = new Set(items.filter(({ study }) => studies.includes(study)).map(dosingOf));
  return [...new Set(items.filter((item) => dosings.has(dosingOf(item))).map(({ study }) => study))];
}

/** With every study that shares a batch or a dosing with it. */
function lastStudy(items: readonly SplitItem[]): string[] {
  const last = inTime(items, 'study').at(-1);
  const own = items.filter(({ study }) => study === last);
  const batches = new Set(own.map(({ batch }) => batch));
  const dosings = new Set(own.map(dosingOf));
  const shares = (item: SplitItem): boolean => batches.has(item.batch) || dosings.has(dosingOf(item));
  const held = new Set(items.filter(shares).map(({ study }) => study));
  const left = new Set(items.filter(({ study }) => !held.has(study)).map(({ batch }) => batch));
  return left.size >= BATCHES_BESIDE_TEST ? [...held] : [];
}

/** The last batches, as many as reach the share; the first always trains. */
function validationBatches(items: readonly SplitItem[], share: number): string[] {
  const [, ...candidates] = inTime(items, 'batch');
  const chosen: string[] = [];
  let images = 0;
  for (const batch of candidates.reverse()) {
    if (images >= share * items.length) break;
    chosen.push(batch);
    images += items.filter((item) => item.batch === batch).length;
  }
  return chosen;
}

function inTime(items: readonly SplitItem[], of: 'study' | 'batch'): string[] {
  const first = new Map<string, string>();
  for (const item of items) {
    const former = first.get(item[of]);
    if (former === undefined || item.date < former) first.set(item[of], item.date);
  }
  return [...first].sort(([a, at], [b, bt]) => compareText(at, bt) || compareText(a, b)).map(([name]) => name);
}

function refuseLeaks(items: readonly SplitItem[], splits: readonly Split[]): void {
  const has = (split: Split): boolean => splits.includes(split);
  // A set that is all of unseen microscopes is not for training: a bridge is judged by it.
  const isToTrainOn = splits.some((split) => split !== 'unseen');
  if (isToTrainOn && !(has('train') && has('validation')))
    throw new SplitRefused(
      `no images are left for ${has('train') ? 'validation' : 'training'}: a domain needs two batches beside its test studies`,
      'Add studies, hold fewer out (--test-studies none), or take each plate as a batch (--batch-by plate).',
    );
  for (const name of ['plate', 'batch'] as const) {
    for (const [key, group] of groupBy(
      items.map((item, i) => ({ item, split: splits[i] })),
      ({ item }) => JSON.stringify(name === 'plate' ? [item.study, item.plate] : [domainOf(item), item.batch]),
    )) {
      const found = [...new Set(group.map(({ split }) => split))].sort();
      // A study that is held out may share its dosing with one that is not: that is a batch in two splits, and leaks.
      if (found.length > 1)
        throw new SplitRefused(
          `${name} ${JSON.parse(key).join(' / ')} would be in ${found.join(' and ')}`,
          'Hold out every study of the batch, or none.',
        );
    }
  }
  refuseTestedTwins(items, splits);
  for (const [domain, group] of groupBy(
    items.map((item, i) => ({ item, split: splits[i] })),
    ({ item }) => domainOf(item),
  )) {
    const dates = (split: Split): string[] =>
      group
        .filter((each) => each.split === split)
        .map(({ item }) => item.date)
        .sort();
    const [validates] = dates('validation');
    const trains = dates('train').at(-1);
    if (validates !== undefined && trains !== undefined && validates <= trains)
      throw new SplitRefused(
        `${domain}: a batch that validates is not later than one that trains (${validates})`,
        'Two batches of one date are one batch: mend firstDosing, or hold studies out by --test-studies.',
      );
  }
}

function refuseTestedTwins(items: readonly SplitItem[], splits: readonly Split[]): void {
  const tested = new Map(items.filter((_, i) => splits[i] === 'test').map((item) => [dosingOf(item), item]));
  for (const [i, item] of items.entries()) {
    const twin = tested.get(dosingOf(item));
    const split = splits[i];
    if (twin && (split === 'train' || split === 'validation'))
      throw new SplitRefused(
        `studies ${twin.study} and ${item.study} of ${item.location} were dosed on one day, ${item.dosing}, and would be in test and ${split}: they may be the same wells`,
        'Hold out every study of the dosing, or none.',
      );
  }
}
