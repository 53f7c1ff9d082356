/** What waits in the intake queue: keys that came, went, or are to be looked at again. */
import type { SQSRecord } from 'aws-lambda';
import { z } from 'zod';
import { recheckMessage } from '../domain/messages.ts';

/** S3 tells so once, when notifications are set up. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** S3's event. Keys are URL-encoded, with `+` for a space. */
const objectEvents = z.object({
  Records: z.array(z.object({ s3: z.object({ object: z.object({ key: z.string().min(1) }) }) })),
});

const body = z.union([
  recheckMessage.transform(({ key }) => [key]),
  testEvent.transform((): string[] => []),
  objectEvents.transform(({ Records }) => Records.map(({ s3 }) => decoded(s3.object.key))),
]);

const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** The keys that a message names, whatever was said to have happened to them. @throws when it is none of ours. */
export const keysOf = (message: Pick<SQSRecord, 'body'>): string[] => body.parse(JSON.parse(message.body));
