import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startAws } from '../aws.ts';

const SETTINGS = { fifo: true, visibilityTimeoutSeconds: 30, delaySeconds: 0, retentionSeconds: 1000 };

test.each([
  ['letters, digits and punctuation', 'aZ0!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', true],
  ['128 characters', 'x'.repeat(128), true],
  ['129 characters', 'x'.repeat(129), false],
  ['a space', 'my study', false],
  ['a letter beyond ASCII', 'spheroïd', false],
  ['nothing', '', false],
])('as ids of a FIFO queue, %s', async (_, id, taken) => {
  const { sqs, options } = await startAws();
  const { url: QueueUrl } = await sqs.ensureQueue('q.fifo', SETTINGS);
  const client = new SQSClient(options);
  const fine = { MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  for (const wrong of [{ MessageGroupId: id }, { MessageDeduplicationId: id }]) {
    const sent = client.send(new SendMessageCommand({ QueueUrl, ...fine, ...wrong }));
    if (taken) await expect(sent).resolves.toBeDefined();
    else await expect(sent).rejects.toThrow(/MessageGroupId|MessageDeduplicationId/);
    const Entries = [{ Id: 'a', ...fine, ...wrong }];
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Failed).toHaveLength(taken ? 0 : 1);
  }
});
