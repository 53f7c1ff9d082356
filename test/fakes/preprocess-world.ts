import type { SQSEvent } from 'aws-lambda';
import type { SweepMessage } from '../../lambdas/domain/messages.ts';
import type { Imaging } from '../../lambdas/preprocess/look.ts';
import { makeHandler } from '../../lambdas/preprocess/preprocess.ts';
import { FakeBucket } from './fake-bucket.ts';
import { FakeReadings } from './fake-tables.ts';
import { FakeEndpoint, FakeLog, FakeQueue, FakeScoringQueue, fixedNow } from './fakes.ts';

export const quality = {
  focus: 1,
  exposure: { background: 0.7, saturatedFraction: 0, blackFraction: 0 },
  spheroid: { found: true },
  flags: [],
};

/** Takes a file of one byte as an image of that gray value; `x` is corrupt, `!` kills. */
const imaging: Imaging = {
  version: '1',
  maxBytes: 1000,
  async prepare(content, { declaredBitDepth }) {
    const text = new TextDecoder().decode(content);
    if (text.startsWith('x'))
      return { rejection: { code: 'corrupt', reason: 'the file is cut', remedy: 'export again' } };
    if (text.startsWith('!')) throw new Error('out of memory');
    return {
      input: new Uint8Array(65_536).fill(content[0] ?? 0),
      image: {
        format: 'tiff',
        width: 10,
        height: 10,
        bitDepth: declaredBitDepth ?? 8,
        bitDepthSource: declaredBitDepth === undefined ? 'file' : 'study',
        pages: 1,
      },
      quality,
      sha256: `sha-${text}`,
    };
  },
};

/** The function with everything around it in memory. */
export function preprocessWorld() {
  const bucket = new FakeBucket();
  const readings = new FakeReadings();
  const endpoint = new FakeEndpoint();
  const scoring = new FakeScoringQueue();
  const sweeps = new FakeQueue<SweepMessage>();
  const log = new FakeLog();
  const worked = makeHandler({
    bucket,
    readings,
    endpoint,
    scoring,
    sweeps,
    imaging,
    log,
    concurrency: 4,
    now: fixedNow,
  });
  /** As Lambda calls it, with time left. */
  const handler = (event: SQSEvent, remaining_ms: () => number = () => 120_000) =>
    worked(event, { getRemainingTimeInMillis: remaining_ms });
  return { bucket, readings, endpoint, scoring, sweeps, log, handler };
}

export const key = (name: string) => `exports/s 1/P1/day7/${name}`;
export const none = { batchItemFailures: [] };
