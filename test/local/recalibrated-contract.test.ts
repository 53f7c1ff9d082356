/**
 * A recalibrated folder on the local SageMaker runtime: the container's Python wrote it, its server answers alike
 * (model-container/tests/test_recalibrate.py).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { sharedHalfWidths90 } from '../../cli/model-error.ts';
import { RECALIBRATION_EVIDENCE } from '../../lambdas/domain/bridge/criteria.ts';
import { OnnxBackend } from '../../local/sagemaker/onnx-backend.ts';
import { sharedHalfWidth90At } from '../../simulation/misread.ts';
import { temporaryDir } from './engine/fakes.ts';
import { npy, writeTinyModel } from './engine/tiny-model.ts';

const kept = join(import.meta.dirname, '..', '..', 'model-container', 'contract', 'recalibration');
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(kept, ...path), 'utf8'));

const record = z
  .object({
    version: z.string(),
    line: z.object({ slope: z.object({ value: z.number() }), intercept: z.object({ value: z.number() }) }),
    evidence: z.object({ crossValidation: z.object({ residual90: z.number() }) }),
  })
  .parse(json('record.json'));
const numbers = z.array(z.number());
const answerSchema = z.object({
  viability: numbers,
  halfWidth90: numbers,
  domainDistance: numbers,
  sharedHalfWidth90: numbers,
  model: z.object({ name: z.string(), version: z.string(), sha256: z.string(), variant: z.string() }),
});

async function answerOf(folder: string): Promise<z.infer<typeof answerSchema>> {
  const backend = new OnnxBackend(join(kept, folder), 'int8');
  onTestFinished(() => backend.stop());
  await backend.start();
  const images = Buffer.concat([0, 51, 200, 255].map((level) => Buffer.alloc(256 * 256, level)));
  const { status, body } = await backend.invoke('application/x-npy', npy(images, [4, 256, 256]));
  expect(status).toBe(200);
  return answerSchema.parse(JSON.parse(body));
}

test('says the line of its record, under an identity of its own', async () => {
  const [base, line] = [await answerOf('base'), await answerOf('recalibrated')];
  const slope = record.line.slope.value;
  const intercept = record.line.intercept.value;
  for (const [i, viability] of base.viability.entries())
    expect(line.viability[i]).toBeCloseTo(intercept + slope * viability, 6);
  // Of a slope below 1: as wide as they were, and the whole one no narrower than the labels of plates left out.
  expect(slope).toBeLessThan(1);
  expect(line.sharedHalfWidth90).toEqual(base.sharedHalfWidth90);
  for (const [i, width] of base.halfWidth90.entries())
    expect(line.halfWidth90[i]).toBeCloseTo(Math.max(width, record.evidence.crossValidation.residual90), 6);
  expect(line.domainDistance).toEqual(base.domainDistance);
  expect(line.model).toMatchObject({ name: base.model.name, version: record.version });
  expect(line.model.sha256).not.toBe(base.model.sha256);
});

test.each(['base', 'recalibrated'])(
  'a layout is planned with the shared error that the graph says: %s',
  async (folder) => {
    const planned = sharedHalfWidths90(join(kept, folder));
    const { viability, sharedHalfWidth90 } = await answerOf(folder);
    for (const [i, read] of viability.entries())
      expect(255 * sharedHalfWidth90At(planned, read)).toBeCloseTo(255 * (sharedHalfWidth90[i] ?? Number.NaN), 2);
  },
);

test('holds the record, and names the model that it came from', () => {
  const { name, version, sha256, calibration } = z.record(z.string(), z.unknown()).parse(json('base', 'model.json'));
  expect(json('recalibrated', 'model.json')).toMatchObject({
    recalibrationOf: { name, version, sha256, calibration },
    recalibration: json('record.json'),
  });
});

test('the kept base is the graph that the tests here write', () => {
  const directory = temporaryDir();
  writeTinyModel(directory, 256, true);
  for (const file of ['tiny.onnx', 'model.json'])
    expect(readFileSync(join(kept, 'base', file)).equals(readFileSync(join(directory, file)))).toBe(true);
});

test('is refused and offered by the same limits', () => {
  expect(json('limits.json')).toMatchObject(RECALIBRATION_EVIDENCE);
});
