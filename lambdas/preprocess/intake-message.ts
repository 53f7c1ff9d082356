/** What waits in the intake queue: keys that came, went, or are to be looked at again. */
import type { SQSRecord } from 'aws-lambda';
import { z } from 'zod';
import { recheckMessage } from '../domain/messages.ts';
import type { Reader } from '../domain/reads/read-again.ts';

/** A key to look at, and who is to have read it. */
export interface Asked {
  key: string;
  reader: Reader;
}

/** S3 tells so once, when notifications are set up. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** S3's event. Keys are URL-encoded, with `+` for a space. */
const objectEvents = z.object({
  Records: z.array(z.object({ s3: z.object({ object: z.object({ key: z.string().min(1) }) }) })),
});

const body = z.union([
  recheckMessage.transform(({ key, model, preprocessingVersion }): Asked[] => [
    { key, reader: { model, preprocessingVersion } },
  ]),
  testEvent.transform((): Asked[] => []),
  objectEvents.transform(({ Records }): Asked[] =>
    Records.map(({ s3 }) => ({ key: decoded(s3.object.key), reader: {} })),
  ),
]);

const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** What a message asks for, whatever was said to have happened to the keys. @throws when it is none of ours. */
export const askedBy = (message: Pick<SQSRecord, 'body'>): Asked[] => body.parse(JSON.parse(message.body));
