/** The contract of model-container/contract on the local SageMaker runtime; the container's server: tests/test_contract.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OnnxBackend } from '../../local/sagemaker/onnx-backend.ts';

const container = join(import.meta.dirname, '..', '..', 'model-container');
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(container, ...path), 'utf8'));

const refusedSchema = z.object({
  name: z.string(),
  contentType: z.string(),
  text: z.string().optional(),
  descr: z.string().default('|u1'),
  order: z.string().default('False'),
  shape: z.array(z.number()).default([]),
  bytes: z.number().default(0),
  status: z.number(),
});
const { goldenImages, boundsToFp32, boundBetweenServers, refused } = z
  .object({
    goldenImages: z.number(),
    boundsToFp32: z.record(z.string(), z.number()),
    boundBetweenServers: z.number(),
    refused: z.array(refusedSchema),
  })
  .parse(json('contract', 'cases.json'));
const numbers = z.array(z.number());
const golden = z
  .object({ sha256: z.string(), fp32: numbers, variants: z.record(z.string(), z.record(z.string(), numbers)) })
  .parse(json('contract', 'golden.json'));
const model = z
  .object({ name: z.string(), version: z.string(), sha256: z.string(), variants: z.record(z.string(), z.unknown()) })
  .parse(json('model', 'model.json'));
const answerSchema = z.looseObject({ viability: numbers, model: z.unknown() });

const TYPE = 'application/x-npy';
const SIDE = 256;

function npy(shape: readonly number[], data: Uint8Array, descr = '|u1', order = 'False'): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.map((n) => `${n}, `).join('')}), }\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header), data]);
}

/** As `golden_image` of nvir/golden.py draws it. */
function goldenImage(number: number): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const inside = (x - 128) ** 2 + (y - 120 - 2 * number) ** 2 < (30 + 9 * number) ** 2;
      const pattern = (x * 31 + y * 17 + x * y * (number + 1)) % 23;
      pixels[y * SIDE + x] = inside ? 50 + 15 * number + pattern : 150 + pattern;
    }
  }
  return pixels;
}

const images = Array.from({ length: goldenImages }, (_, number) => goldenImage(number));

/** How far each number is from what it should be, at most. */
function farthest(values: readonly number[], expected: readonly number[] | undefined): number {
  expect(values).toHaveLength(expected?.length ?? 0);
  return Math.max(...values.map((value, i) => Math.abs(value - (expected?.[i] ?? Number.NaN))));
}

describe.each(Object.keys(model.variants))('variant %s', (variant) => {
  const backend = new OnnxBackend(join(container, 'model'), variant);
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());

  test('answers the golden numbers and the identity', async () => {
    const { status, body } = await backend.invoke(TYPE, npy([goldenImages, SIDE, SIDE], Buffer.concat(images)));
    expect(status).toBe(200);
    const answer = answerSchema.parse(JSON.parse(body));
    const { name, version, sha256 } = model;
    expect(answer.model).toEqual({ name, version, sha256, variant });
    expect(sha256).toBe(golden.sha256);
    expect(farthest(answer.viability, golden.fp32)).toBeLessThanOrEqual(boundsToFp32[variant] ?? 0);
    const all = golden.variants[variant] ?? {};
    expect(Object.keys(answer).sort()).toEqual([...Object.keys(all), 'model'].sort());
    for (const [name, values] of Object.entries(all))
      expect(farthest(numbers.parse(answer[name]), values), name).toBeLessThanOrEqual(boundBetweenServers);
    const [fifth = new Uint8Array()] = images.slice(4, 5);
    const alone = answerSchema.parse(JSON.parse((await backend.invoke(TYPE, npy([1, SIDE, SIDE], fifth))).body));
    expect(alone.viability).toEqual(answer.viability.slice(4, 5));
  });

  test.each(refused)('refuses $name', async ({ contentType, text, descr, order, shape, bytes, status }) => {
    const body = text === undefined ? npy(shape, new Uint8Array(bytes), descr, order) : Buffer.from(text);
    const answer = await backend.invoke(contentType, body);
    expect(answer.status).toBe(status);
    expect(String(JSON.parse(answer.body).error).length).toBeGreaterThan(10);
  });
});
