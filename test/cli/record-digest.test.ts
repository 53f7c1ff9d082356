/** The digest by which an edited record is found: the same text as the container's Python makes (tests/test_recalibrate.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sealed } from '../../cli/bridge/record.ts';
import { canonical, recordDigest } from '../../cli/bridge/record-digest.ts';

const kept = join(import.meta.dirname, '..', '..', 'model-container', 'contract', 'recalibration');
const json = (name: string): unknown => JSON.parse(readFileSync(join(kept, name), 'utf8'));
const cases = z.array(z.object({ value: z.unknown(), canonical: z.string() })).parse(json('canonical.json'));

describe('the canonical text', () => {
  it.each(cases)('of $value is the one that Python makes', ({ value, canonical: text }) => {
    expect(canonical(value)).toBe(text);
  });

  it('does not hang on the order of names', () => {
    expect(canonical({ b: 1, a: { d: [2, 3], c: '' } })).toBe(canonical({ a: { c: '', d: [2, 3] }, b: 1 }));
    expect(canonical([2, 3])).not.toBe(canonical([3, 2]));
  });
});

describe('a record’s seal', () => {
  const record = z.looseObject({ version: z.string(), sha256: z.string() }).parse(json('record.json'));

  it('is over everything but itself and the version, which ends in it', () => {
    const { version, sha256, ...said } = record;
    expect(recordDigest(said)).toBe(sha256);
    expect(version).toBe(`1.0.0+bridge.2026-06-01.${sha256.slice(0, 8)}`);
    const line = { slope: 0.9 };
    expect(recordDigest({ ...said, line })).not.toBe(sha256);
  });

  it('is of what the file will say, where JSON does not know a number', () => {
    const nothing = { value: Number.NaN, low: -0, high: 0 };
    const written = sealed({
      kind: 'nvir-recalibration',
      schema: 2,
      model: { name: 'n', version: '1', sha256: 'f' },
      recordedOn: '2026-06-01',
      line: { slope: nothing, intercept: nothing, predictedRange: { low: 0, high: 1 } },
      evidence: {
        wells: 48,
        plates: 4,
        crossValidation: { maeBefore: 1, maeAfter: 0, gain: nothing, residual90: 0, verdictAfter: 'holds' },
        of: [],
        sha256: '0',
        before: { verdict: 'holds', criteria: [] },
      },
    });
    const { version, sha256, ...read } = JSON.parse(JSON.stringify(written));
    expect(version).toContain(sha256.slice(0, 8));
    expect(recordDigest(read)).toBe(sha256);
  });
});
