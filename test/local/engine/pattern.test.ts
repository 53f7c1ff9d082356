import { expect, test } from 'vitest';
import { compilePattern } from '../../../local/events/pattern.ts';

const event = {
  source: 'lab',
  'detail-type': 'Changed',
  detail: { n: 5, tags: ['a', 'b'], name: 'Alpha', nested: { S: 'c#plate/well' } },
};

test.each([
  [{ source: ['lab'] }, true],
  [{ source: ['other', 'lab'] }, true],
  [{ source: ['other'] }, false],
  [{ 'detail-type': ['Changed'], detail: { n: [5] } }, true],
  [{ detail: { n: ['5'] } }, false],
  [{ detail: { tags: ['b'] } }, true],
  [{ detail: { nested: { S: [{ prefix: 'c#' }] } } }, true],
  [{ detail: { nested: { S: [{ prefix: 'h#' }] } } }, false],
  [{ detail: { nested: { S: [{ suffix: 'well' }] } } }, true],
  [{ detail: { name: [{ 'equals-ignore-case': 'ALPHA' }] } }, true],
  [{ detail: { name: [{ 'anything-but': ['Beta'] }] } }, true],
  [{ detail: { name: [{ 'anything-but': { prefix: 'Al' } }] } }, false],
  [{ detail: { missing: [{ exists: false }] } }, true],
  [{ detail: { n: [{ exists: true }] } }, true],
  [{ detail: { n: [{ numeric: ['>', 4, '<=', 5] }] } }, true],
  [{ detail: { n: [{ numeric: ['>', 5] }] } }, false],
  [{ $or: [{ source: ['x'] }, { detail: { n: [5] } }] }, true],
  [{ detail: { missing: { deeper: ['x'] } } }, false],
])('%j matches: %s', (pattern, expected) => {
  expect(compilePattern(pattern)(event)).toBe(expected);
});

test.each([
  { a: [{ wildcard: 'x*' }] },
  { a: 'text' },
  { a: [{ prefix: 'x', suffix: 'y' }] },
  { a: [{ numeric: ['~', 1] }] },
])('%j is refused rather than guessed', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow();
});
