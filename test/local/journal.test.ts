import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../local/journal.ts';
import { temporaryDir } from './engine/fakes.ts';
import { openFilesBelow, tellsOpenFiles } from './open-files.ts';

const open = (file = join(temporaryDir(), 'a', 'journal')) => ({ file, journal: new Journal<number>(file) });
const reread = (file: string) => new Journal<number>(file).read();

test('holds each line as soon as it is added, in order', () => {
  const { file, journal } = open();
  journal.append(1, 2);
  expect(reread(file)).toEqual([1, 2]);
  journal.append(3);
  expect(reread(file)).toEqual([1, 2, 3]);
});

test('what is added after everything was replaced stands behind it', () => {
  const { file, journal } = open();
  journal.append(1, 2);
  journal.rewrite([2]);
  journal.append(3);
  expect(reread(file)).toEqual([2, 3]);
});

test('what is added after it was closed is kept, too', () => {
  const { file, journal } = open();
  journal.append(1);
  journal.close();
  journal.close();
  journal.append(2);
  expect(reread(file)).toEqual([1, 2]);
});

test.runIf(tellsOpenFiles)('is open until it is closed, and no more then', () => {
  const { file, journal } = open();
  journal.append(1);
  journal.rewrite([1]);
  journal.append(2);
  expect(openFilesBelow(file)).toEqual([file]);
  journal.close();
  journal.append(3);
  expect(openFilesBelow(file)).toEqual([]);
});

test('a line that a killed process left half written counts for nothing', () => {
  const { file, journal } = open();
  journal.append(1);
  appendFileSync(file, '{"ha');
  expect(reread(file)).toEqual([1]);
});
