import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startAws } from '../aws.ts';

test('routes by the service that the signature names, and answers each in its own protocol', async () => {
  const { options } = await startAws();
  expect((await new S3Client(options).send(new ListBucketsCommand())).Buckets ?? []).toEqual([]);
  expect((await new SQSClient(options).send(new ListQueuesCommand())).QueueUrls ?? []).toEqual([]);
});

test.each([
  ['a wrong secret', { secretAccessKey: 'wrong' }, /signature/i],
  ['an unknown key', { accessKeyId: 'AKIANOBODY' }, /does not exist/],
  ['a token that nobody issued', { sessionToken: 'x' }, /token/],
])('refuses %s', async (_, credentials, message) => {
  const { options } = await startAws();
  const spoilt = { ...options, credentials: { ...options.credentials, ...credentials } };
  await expect(new S3Client(spoilt).send(new ListBucketsCommand())).rejects.toThrow(message);
  await expect(new SQSClient(spoilt).send(new ListQueuesCommand())).rejects.toThrow(message);
});

test('refuses what is not signed, signed long ago, or signed for a service that is not there', async () => {
  const { options } = await startAws();
  const unsigned = await fetch(options.endpoint);
  expect([unsigned.status, await unsigned.text()]).toEqual([
    403,
    expect.stringContaining('MissingAuthenticationToken'),
  ]);
  const late = new SQSClient({ ...options, systemClockOffset: -3_600_000 });
  await expect(late.send(new ListQueuesCommand())).rejects.toThrow(/too long ago/);
  const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const events = new EventBridgeClient(options);
  await expect(events.send(new PutEventsCommand({ Entries: [{ Source: 'x' }] }))).rejects.toThrow(/service events/);
});
