/** An interval as a bar: thin with ends the whole of it, thick what the wells alone say. */
import { path } from './svg.ts';

/** Pixels across; an open end lies at the edge of the axis and has no stop. */
export interface BarEnds {
  from: number;
  to: number;
  opensLeft: boolean;
  opensRight: boolean;
}

const STOP = 3.2;

/** Where the ends of an interval lie; null ones are open. */
export function barEnds(
  low: number | null,
  high: number | null,
  [first, last]: readonly [number, number],
  x: (value: number) => number,
): BarEnds {
  const within = (value: number): number => x(Math.min(last, Math.max(first, value)));
  return { from: within(low ?? first), to: within(high ?? last), opensLeft: low === null, opensRight: high === null };
}

/** @param wells undefined where nothing but wells and controls is in the whole: then it is thick */
export function intervalBar(whole: BarEnds, wells: BarEnds | undefined, y: number, colour: string): string {
  const across = ({ from, to }: BarEnds, className: string): string =>
    path(
      [
        [from, y],
        [to, y],
      ],
      className,
      colour,
    );
  const stop = (at: number): string =>
    path(
      [
        [at, y - STOP],
        [at, y + STOP],
      ],
      'stop',
      colour,
    );
  if (!wells) return across(whole, 'interval');
  return [
    across(wells, 'interval'),
    across(whole, 'whole'),
    whole.opensLeft ? '' : stop(whole.from),
    whole.opensRight ? '' : stop(whole.to),
  ].join('');
}
