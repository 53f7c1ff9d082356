import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ContainerBackend } from '../../../local/sagemaker/backend.ts';
import { unpackModel } from '../../../local/sagemaker/model-archive.ts';
import { parseImages } from '../../../local/sagemaker/npy.ts';
import { OnnxBackend } from '../../../local/sagemaker/onnx-backend.ts';
import { temporaryDir } from './fakes.ts';
import { npy, writeTinyModel } from './tiny-model.ts';

const TYPE = 'application/x-npy';

async function tinyBackend(size = 8, calibrated = false): Promise<OnnxBackend> {
  const directory = temporaryDir();
  writeTinyModel(directory, size, calibrated);
  const backend = new OnnxBackend(directory, 'int8');
  onTestFinished(() => backend.stop());
  await backend.start();
  return backend;
}

const gray = (size: number, ...levels: number[]) =>
  Buffer.concat(levels.map((level) => Buffer.alloc(size * size, level)));

describe('the model on this machine', () => {
  test('answers the wire format, an image at a time', async () => {
    const backend = await tinyBackend();
    const { status, body } = await backend.invoke(TYPE, npy(gray(8, 0, 51, 255), [3, 8, 8]));
    expect(status).toBe(200);
    const answer = JSON.parse(body);
    expect(answer.viability).toHaveLength(3);
    for (const [i, expected] of [0, 0.2, 1].entries()) expect(answer.viability[i]).toBeCloseTo(expected, 6);
    expect(answer.model).toEqual({ name: 'tiny', version: '1.0.0', sha256: 'f'.repeat(64), variant: 'int8' });
    expect(Object.keys(answer)).toEqual(['viability', 'model']);
  });

  test('answers what else a calibrated graph has, by name', async () => {
    const backend = await tinyBackend(8, true);
    const { body } = await backend.invoke(TYPE, npy(gray(8, 0, 51), [2, 8, 8]));
    const { viability, halfWidth90, domainDistance, sharedHalfWidth90 } = JSON.parse(body);
    expect(viability[1]).toBeCloseTo(0.2, 6);
    expect(halfWidth90[1]).toBeCloseTo(0.2 / 255, 8);
    expect(domainDistance).toEqual([0, 51]);
    expect(sharedHalfWidth90).toEqual(halfWidth90);
  });

  test('gives an image the same number whatever its neighbours, requests at once included', async () => {
    const backend = await tinyBackend();
    const ask = async (...levels: number[]) =>
      JSON.parse((await backend.invoke(TYPE, npy(gray(8, ...levels), [levels.length, 8, 8]))).body).viability;
    const [alone, among, last] = await Promise.all([ask(77), ask(1, 77, 200), ask(9, 8, 7, 77)]);
    expect(among[1]).toBe(alone[0]);
    expect(last[3]).toBe(alone[0]);
  });

  test.each([
    ['another content type', 'image/png', Buffer.alloc(10), 415],
    ['no npy', TYPE, Buffer.from('hello, this is no array'), 400],
    ['images of another size', TYPE, npy(gray(4, 1), [1, 4, 4]), 400],
    ['too few pixels', TYPE, npy(gray(8, 1), [2, 8, 8]), 400],
    ['a flat array', TYPE, npy(gray(8, 1), [64]), 400],
  ])('refuses %s', async (_, type, body, status) => {
    expect((await (await tinyBackend()).invoke(type, body)).status).toBe(status);
  });

  test('refuses a variant that the model does not have', () => {
    const directory = temporaryDir();
    writeTinyModel(directory);
    expect(() => new OnnxBackend(directory, 'fp16')).toThrow('no variant fp16; it has int8');
  });

  test('refuses weights that model.json does not name, as the container does', () => {
    const directory = temporaryDir();
    writeTinyModel(directory);
    appendFileSync(join(directory, 'tiny.onnx'), 'x');
    expect(() => new OnnxBackend(directory, 'int8')).toThrow('tiny.onnx is not the file that model.json names');
  });
});

test('a running container is asked by its address', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ping' ? 200 : 418, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ url: request.url, type: request.headers['content-type'] ?? null }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const backend = new ContainerBackend(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await backend.start();
  const answer = await backend.invoke(TYPE, Buffer.from('x'));
  expect(answer.status).toBe(418);
  expect(JSON.parse(answer.body)).toEqual({ url: '/invocations', type: TYPE });
});

test('npy of format 2 has a longer header length', () => {
  const one = npy(gray(2, 5), [1, 2, 2]);
  const two = Buffer.concat([
    one.subarray(0, 6),
    Buffer.from([2, 0]),
    one.subarray(8, 10),
    Buffer.alloc(2),
    one.subarray(10),
  ]);
  expect(parseImages(two)).toMatchObject({ count: 1, height: 2, width: 2 });
});

test('unpacks a model archive once', () => {
  const directory = temporaryDir();
  writeTinyModel(join(directory, 'files'));
  execFileSync('tar', [
    '-czf',
    join(directory, 'model.tar.gz'),
    '-C',
    join(directory, 'files'),
    'model.json',
    'tiny.onnx',
  ]);
  const into = join(directory, 'unpacked');
  unpackModel(join(directory, 'model.tar.gz'), into);
  unpackModel(join(directory, 'missing.tar.gz'), into);
  expect(readdirSync(into).sort()).toEqual(['model.json', 'tiny.onnx']);
});
