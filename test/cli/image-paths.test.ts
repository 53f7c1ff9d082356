import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathBelowPlate, placesBelow } from '../../cli/image-paths.ts';

describe('the path that the pipeline would parse', () => {
  it.each([
    ['day3/x_B03.tif', 'day3/x_B03.tif'],
    ['./day3/x_B03.tif', 'day3/x_B03.tif'],
    [resolve('day3/x_B03.tif'), 'day3/x_B03.tif'],
    ['copy/exports/study/P1/day3/x_B03.tif', 'day3/x_B03.tif'],
    ['exports/x_B03.tif', 'exports/x_B03.tif'],
    ['../day3/x_B03.tif', '../day3/x_B03.tif'],
  ])('of %s is %s', (file, path) => expect(pathBelowPlate(file)).toBe(path));
});

describe('places', () => {
  const below = (...files: string[]) => [...placesBelow('out', files, '.png').values()];
  const out = (...parts: string[]) => `${join(resolve('out'), ...parts)}.png`;

  it('are names where names tell files apart', () =>
    expect(below('a/x.tif', 'b/y.tif')).toEqual([out('x.tif'), out('y.tif')]));
  it('keep as many folders as it takes', () =>
    expect(below('p/a/x.tif', 'q/a/x.tif', 'q/b/x.tif', 'y.tif')).toEqual([
      out('p', 'a', 'x.tif'),
      out('q', 'a', 'x.tif'),
      out('b', 'x.tif'),
      out('y.tif'),
    ]));
  it('are one for one file', () => expect(below('x.tif', './x.tif')).toEqual([out('x.tif')].concat(out('x.tif'))));
});
