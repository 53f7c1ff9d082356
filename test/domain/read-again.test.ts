import { expect, it } from 'vitest';
import { type ImageRead, imagesToReadAgain } from '../../lambdas/domain/reads/read-again.ts';

const today = { name: 'nvir', version: '2', sha256: 'b'.repeat(64), variant: 'int8' };
const former = { ...today, version: '1', sha256: 'a'.repeat(64) };
const image = (key: string, day: number | null, more: Partial<ImageRead> = {}): ImageRead => ({
  ...{ key, day, preprocessingVersion: '3', model: today },
  ...more,
});
const older = { preprocessingVersion: '2', model: former };
const rejected = { model: undefined };

const again = (images: readonly ImageRead[], what: { olderPreprocessing?: true; otherModel?: true }) =>
  imagesToReadAgain(images, { olderPreprocessing: false, otherModel: false, model: today, ...what }, '3');

it('takes the whole plate read that holds an image of older preprocessing, but for what today’s model read', () => {
  const images = [
    image('d', 3, older),
    image('c', 3, { model: former }),
    image('b', 3),
    image('a', 3, rejected),
    image('e', 7, { model: former }),
  ];
  expect(again(images, { olderPreprocessing: true })).toEqual(['c', 'd']);
});

it('takes plate reads that another model read where that is asked, and nothing where nothing is', () => {
  const images = [
    image('a', 3, { model: former }),
    image('b', 3, { ...rejected, preprocessingVersion: '2' }),
    image('c', 7, { preprocessingVersion: '2' }),
    image('d', 7, { ...rejected }),
  ];
  expect(again(images, { otherModel: true })).toEqual(['a', 'b']);
  expect(again(images, { olderPreprocessing: true })).toEqual(['a', 'b', 'c']);
  expect(again(images, {})).toEqual([]);
});

it('tells variants of one model apart', () => {
  expect(again([image('a', 3, { model: { ...today, variant: 'fp32' } })], { otherModel: true })).toEqual(['a']);
});

it('judges an image that belongs to no plate read by itself', () => {
  expect(again([image('a', null, older), image('b', null, { model: former })], { olderPreprocessing: true })).toEqual([
    'a',
  ]);
});
