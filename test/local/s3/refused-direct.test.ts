/** Systems that do not let files pass their cache, or give no memory for it: objects come back as they went in all the same. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAws } from '../aws.ts';

const KIB = 1024;

/** What the system under the test does with files that are opened past its cache. */
const system = vi.hoisted(() => ({
  refuses: 'nothing' as 'nothing' | 'open' | 'read' | 'write',
  shortWrite: false,
  directOpens: 0,
  directWrites: 0,
  memories: 0,
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const refusal = () => Object.assign(new Error('invalid argument'), { code: 'EINVAL' });
  const open = async (file: string, flags: number): Promise<FileHandle> => {
    const direct = (flags & constants.O_DIRECT) !== 0;
    if (!direct) return real.open(file, flags);
    system.directOpens += 1;
    if (system.refuses === 'open') throw refusal();
    // The cache itself takes any place and length; what past it is refused is said here.
    const handle = await real.open(file, flags & ~constants.O_DIRECT);
    return new Proxy(handle, {
      get(target, name) {
        if (name === 'read' && system.refuses === 'read') return () => Promise.reject(refusal());
        if (name === 'write')
          return (bytes: Buffer, from: number, length: number, position: number) => {
            system.directWrites += 1;
            if (system.refuses === 'write' || position % 4096 > 0 || length % 4096 > 0)
              return Promise.reject(refusal());
            return target.write(bytes, from, system.shortWrite ? 5000 : length, position);
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return { ...real, open };
});

beforeEach(() => Object.assign(system, { refuses: 'nothing', shortWrite: false, directOpens: 0, directWrites: 0 }));
afterEach(() => vi.unstubAllGlobals());

async function start() {
  const { s3, options } = await startAws();
  await s3.ensureBucket('images', { versioned: true });
  const client = new S3Client(options);
  return async (body: Buffer): Promise<void> => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket: 'images', Key: 'k', Body: body }));
    expect(ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'images', Key: 'k' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  };
}

const LARGE = [256 * KIB, 1024 * KIB, 2 * 1024 * KIB + 4097];

// Before any memory lies ready from other tests.
describe('without page memory', () => {
  beforeEach(() => {
    system.memories = 0;
    class Memory {
      constructor() {
        system.memories += 1;
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    }
    vi.stubGlobal('WebAssembly', { Memory });
  });

  it.each(LARGE)('%i bytes go through the cache', async (size) => {
    await (await start())(randomBytes(size));
    expect(system.memories).toBe(2);
    expect(system.directOpens).toBe(0);
  });

  it.each([0, 1, 256 * KIB - 1])('%i bytes ask for none', async (size) => {
    await (await start())(randomBytes(size));
    expect(system.memories).toBe(0);
  });
});

/** Not every system has the flag. */
const hasDirect = constants.O_DIRECT !== undefined;

describe.runIf(hasDirect).each(['open', 'read', 'write'] as const)('a file system that refuses at %s', (refuses) => {
  it.each(LARGE)('keeps and gives %i bytes', async (size) => {
    system.refuses = refuses;
    await (await start())(randomBytes(size));
    expect(system.directOpens).toBe(2);
  });
});

it.runIf(hasDirect)('goes on after a write that ends within a block', async () => {
  system.shortWrite = true;
  await (await start())(randomBytes(2 * 1024 * KIB + 4097));
  // 5000 bytes, and the refusal of what follows them.
  expect(system.directWrites).toBe(2);
});

it.runIf(hasDirect)('writes past the cache where the system takes it', async () => {
  await (await start())(randomBytes(2 * 1024 * KIB + 4097));
  expect(system.directWrites).toBe(3);
});
