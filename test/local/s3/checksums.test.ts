import { expect, test } from 'vitest';
import { type ChecksumAlgorithm, newChecksum } from '../../../local/s3/checksums.ts';
import { withoutChunks } from '../../../local/s3/chunked.ts';

/** Check values of the CRC catalogue (reveng) for "123456789", and the digests of FIPS 180. */
test.each<[ChecksumAlgorithm, string]>([
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
  ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
])('%s of 123456789, in one piece and in two', (algorithm, hex) => {
  const whole = newChecksum(algorithm);
  whole.update(Buffer.from('123456789'));
  expect(Buffer.from(whole.digest(), 'base64').toString('hex')).toBe(hex);
  const parts = newChecksum(algorithm);
  parts.update(Buffer.from('1234'));
  parts.update(Buffer.from('56789'));
  expect(Buffer.from(parts.digest(), 'base64').toString('hex')).toBe(hex);
});

async function unframed(body: string, cut: number): Promise<{ text: string; trailers: Record<string, string> }> {
  const bytes = Buffer.from(body, 'latin1');
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
  };
  const trailers: Record<string, string> = {};
  const parts: Buffer[] = [];
  for await (const part of withoutChunks(pieces(), trailers)) parts.push(Buffer.from(part));
  return { text: Buffer.concat(parts).toString('latin1'), trailers };
}

test.each([1, 2, 3, 5, 1_000])(
  'aws-chunked bodies lose their framing, however they arrive (%i bytes at once)',
  async (cut) => {
    const body = '5\r\nhello\r\n6;chunk-signature=ab\r\n\r\nabcd\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';
    expect(await unframed(body, cut)).toEqual({ text: 'hello\r\nabcd', trailers: { 'x-amz-checksum-crc32': 'AAAA' } });
  },
);

test('a body that ends before its last chunk is refused', async () => {
  await expect(unframed('5\r\nhel', 100)).rejects.toMatchObject({ code: 'IncompleteBody' });
});
