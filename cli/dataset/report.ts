/** What became of exports and ATP: numbers a split, what was dropped and why, what to look at. */
import { DROP_REASONS, type Dropped, type DropReason } from '../../lambdas/domain/labelled/dropped.ts';
import type { Split } from '../../lambdas/domain/labelled/split.ts';
import { median } from '../../lambdas/domain/statistics.ts';
import { figure, print, table } from '../console.ts';
import type { DatasetRow } from './write.ts';

export interface DatasetReport {
  folder: string;
  labelled: number;
  splits: SplitReport[];
  dropped: { reason: DropReason; count: number; meaning: string }[];
  notes: string[];
}

interface SplitReport {
  split: Split;
  images: number;
  studies: string[];
  plateReads: number;
  /** ATP over control. */
  label: { lowest: number; median: number; highest: number };
}

const SPLITS: Split[] = ['train', 'validation', 'test', 'unseen'];

export function reportOf(
  folder: string,
  rows: readonly DatasetRow[],
  dropped: readonly Dropped[],
  notes: string[],
): DatasetReport {
  const reasons = Object.entries(DROP_REASONS).flatMap(([reason, meaning]) => {
    const found = dropped.filter((item) => item.reason === reason);
    const [first] = found;
    return first ? [{ reason: first.reason, count: found.length, meaning }] : [];
  });
  const splits = SPLITS.flatMap((split) => {
    const own = rows.filter((row) => row.split === split);
    return own.length > 0 ? [splitReport(split, own)] : [];
  });
  return { folder, labelled: rows.length, splits, dropped: reasons, notes };
}

function splitReport(split: Split, rows: readonly DatasetRow[]): SplitReport {
  const labels = rows.map(({ atp_rlu, control }) => atp_rlu / control.atp_rlu);
  const range = (pick: 'min' | 'max'): number =>
    labels.reduce((best, label) => Math[pick](best, label), labels[0] ?? Number.NaN);
  return {
    split,
    images: rows.length,
    studies: [...new Set(rows.map(({ study }) => study))],
    plateReads: new Set(rows.map(({ study, plate, day }) => JSON.stringify([study, plate, day]))).size,
    label: { lowest: range('min'), median: median(labels), highest: range('max') },
  };
}

export function printReport({ folder, labelled, splits, dropped, notes }: DatasetReport): void {
  print(`${labelled} labelled images in ${folder} (images.npy, index.csv)\n`);
  print(
    table(
      [
        { title: 'split', value: (row) => row.split },
        { title: 'images', value: (row) => String(row.images), align: 'right' },
        { title: 'plate reads', value: (row) => String(row.plateReads), align: 'right' },
        {
          title: 'label, lowest / median / highest',
          value: ({ label }) =>
            [label.lowest, label.median, label.highest].map((value) => figure(value, 2)).join(' / '),
        },
        { title: 'studies', value: (row) => row.studies.join(', ') },
      ],
      splits,
    ),
  );
  if (dropped.length > 0) {
    print('\nLeft out, one line each in dropped.csv:');
    print(
      table(
        [
          { title: 'reason', value: (row) => row.reason },
          { title: 'n', value: (row) => String(row.count), align: 'right' },
          { title: '', value: (row) => row.meaning },
        ],
        dropped,
      ),
    );
  }
  if (notes.length > 0) print(`\n${notes.map((text) => `to look at: ${text}`).join('\n')}`);
}
