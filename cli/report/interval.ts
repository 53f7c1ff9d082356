/** An interval as a bar: thin with ends the whole of it, thick what the wells alone say. */
import { path } from './svg.ts';

/** Pixels across; an end that is open, or beyond the axis, lies at the edge of the axis and has no stop. */
export interface BarEnds {
  from: number;
  to: number;
  opensLeft: boolean;
  opensRight: boolean;
}

const STOP = 3.2;

/** Whether an interval goes on beyond the ends of the axis; a null end is open. */
export const goesOn = (low: number | null, high: number | null, [first, last]: readonly [number, number]) => ({
  left: low === null || low < first,
  right: high === null || high > last,
});

/** Where the ends of an interval lie; null ones are open. @returns null where all of it lies beyond the axis */
export function barEnds(
  low: number | null,
  high: number | null,
  axis: readonly [number, number],
  x: (value: number) => number,
): BarEnds | null {
  const [first, last] = axis;
  if ((low ?? first) > last || (high ?? last) < first) return null;
  const { left: opensLeft, right: opensRight } = goesOn(low, high, axis);
  return { from: x(Math.max(first, low ?? first)), to: x(Math.min(last, high ?? last)), opensLeft, opensRight };
}

/**
 * @param whole null where it lies beyond the axis
 * @param wells likewise; undefined where nothing but wells and controls is in the whole: then it is thick
 */
export function intervalBar(
  whole: BarEnds | null,
  wells: BarEnds | null | undefined,
  y: number,
  colour: string,
): string {
  if (!whole) return '';
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
  if (wells === undefined) return across(whole, 'interval');
  return [
    wells ? across(wells, 'interval') : '',
    across(whole, 'whole'),
    whole.opensLeft ? '' : stop(whole.from),
    whole.opensRight ? '' : stop(whole.to),
  ].join('');
}
