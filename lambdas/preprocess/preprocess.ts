import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { EndpointUnavailable } from '../aws/endpoint-unavailable.ts';
import type { ExportBucket } from '../aws/export-bucket.ts';
import type { ScoringQueue, WorkQueue } from '../aws/work-queue.ts';
import { EXPORTS_PREFIX, type ImagePlace, type ParsedKey, parseKey } from '../domain/keys.ts';
import type { SweepMessage } from '../domain/messages.ts';
import { groupBy } from '../domain/statistics.ts';
import { DeclaredBitDepths } from './declared-bit-depths.ts';
import { askedBy } from './intake-message.ts';
import { type ReadImagesDeps, readImages } from './read-images.ts';

export interface PreprocessDeps extends ReadImagesDeps {
  bucket: Pick<ExportBucket, 'head' | 'get' | 'getText'>;
  scoring: Pick<ScoringQueue, 'request'>;
  sweeps: Pick<WorkQueue<SweepMessage>, 'send'>;
}

/** From this receive on, a message is worked on by itself: it may be what kills the process, its neighbours are not. */
const ALONE_FROM_RECEIVE = 3;
/** An image by itself is begun only while there is time for the slowest answer of the endpoint (60 s) and for a large frame. */
const TIME_FOR_ONE_MS = 70_000;

/** Brings the readings of the batch's images up to date, and tells of notes that changed. */
export const makeHandler =
  (deps: PreprocessDeps) =>
  async (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const suspects = event.Records.filter(isSuspect);
    const others = event.Records.filter((record) => !isSuspect(record));
    const failed = others.length > 0 ? await work(others, deps) : new Map<string, unknown>();
    for (const [index, suspect] of suspects.entries()) {
      const obstacle = obstacleFor(failed, context);
      if (obstacle) {
        const rest = suspects.slice(index);
        for (const { messageId } of rest) failed.set(messageId, obstacle);
        deps.log.warn('messages are left to the next time', { messages: rest.length, reason: obstacle.message });
        break;
      }
      for (const [messageId, error] of await work([suspect], deps)) failed.set(messageId, error);
    }
    return { batchItemFailures: [...failed.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
  };

/** Why another message by itself should not be begun: a function that is killed at its timeout puts back all that it did. */
function obstacleFor(
  failed: ReadonlyMap<string, unknown>,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Error | undefined {
  // Every image travels in the same form: an endpoint that is away for one is away for all.
  const away = [...failed.values()].find((error) => error instanceof EndpointUnavailable);
  if (away) return away;
  return context.getRemainingTimeInMillis() < TIME_FOR_ONE_MS ? new Error('the time does not suffice') : undefined;
}

const isSuspect = ({ attributes }: SQSRecord): boolean =>
  Number(attributes.ApproximateReceiveCount) >= ALONE_FROM_RECEIVE;

/** @returns ids of the messages that must come again, with the error. */
async function work(records: readonly SQSRecord[], deps: PreprocessDeps): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  const wanted = records.flatMap((record) => {
    try {
      return [{ id: record.messageId, asked: askedBy(record) }];
    } catch (error) {
      failed.set(record.messageId, error);
      return [];
    }
  });
  const asked = wanted.flatMap((message) => message.asked);
  const keys = new Map(asked.map(({ key }) => [key, parseKey(key)]));
  const readers = new Map(
    [...groupBy(asked, ({ key }) => key)].map(([key, ofKey]) => [key, ofKey.map(({ reader }) => reader)]),
  );
  for (const key of keys.keys()) {
    if (!key.startsWith(EXPORTS_PREFIX)) deps.log.warn('a key came that the bucket should not tell of', { key });
  }
  const notWorked = new Map([
    ...(await tellOfNotes(keys, deps)),
    ...(await readImages([...keys.values()].flatMap(imageOnly), readers, new DeclaredBitDepths(deps.bucket), deps)),
  ]);
  for (const message of wanted) {
    const key = message.asked.find((candidate) => notWorked.has(candidate.key))?.key;
    if (key !== undefined) failed.set(message.id, notWorked.get(key));
  }
  for (const [messageId, error] of failed) deps.log.error('a message could not be worked on', { messageId, error });
  return failed;
}

const imageOnly = (key: ParsedKey): ImagePlace[] => {
  if (key.kind !== 'image') return [];
  const { study, plate, path } = key;
  return [{ study, plate, path }];
};

/** Notes change what readings mean: their study is scored again. study.json may also change how images are read. */
async function tellOfNotes(
  keys: ReadonlyMap<string, ParsedKey>,
  { scoring, sweeps }: PreprocessDeps,
): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  const asked = new Set<string>();
  for (const [key, parsed] of keys) {
    if (parsed.kind !== 'study-notes' && parsed.kind !== 'plate-map' && parsed.kind !== 'decisions') continue;
    try {
      if (!asked.has(parsed.study)) await scoring.request(parsed.study);
      asked.add(parsed.study);
      if (parsed.kind === 'study-notes')
        await sweeps.send([{ kind: 'sweep-study', study: parsed.study, notesOnly: true }]);
    } catch (error) {
      failed.set(key, error);
    }
  }
  return failed;
}
