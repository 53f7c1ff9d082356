import { join } from 'node:path';
import type { Account, Bucket, Queue } from './account.ts';
import type { ObjectEvent } from './contract.ts';
import { globMatches } from './iam/glob.ts';
import { assertServiceAllowed } from './iam/principals.ts';
import { KeptText } from './kept-text.ts';

export interface QueueNotification {
  /** For example `s3:ObjectCreated:*`. */
  event: string;
  queue: Queue;
  prefix: string;
  suffix: string;
}

/**
 * Sends a bucket's events to queues, as S3 does: the queue's policy must let S3 send, the first set-up sends a test
 * event, and an event that no configuration asks for is nobody's.
 */
export async function notifyQueues(account: Account, bucket: Bucket, configurations: readonly QueueNotification[]) {
  const context = { 'aws:SourceArn': bucket.arn, 'aws:SourceAccount': account.accountId };
  for (const { queue } of configurations) {
    if (queue.fifo) throw new Error(`S3 sends to standard queues only, ${queue.name} is FIFO`);
    // S3 checks it when the configuration is made; without leave the deployment fails.
    assertServiceAllowed(queue.policy, 's3.amazonaws.com', { action: 'sqs:SendMessage', resource: queue.arn, context });
  }
  refuseOverlaps(configurations);
  await sendTestEvents(account, bucket, configurations);
  account.s3.onObjectEvent(bucket.name, async (event) => {
    for (const { queue } of configurations.filter((one) => wants(one, event))) {
      assertServiceAllowed(queue.policy, 's3.amazonaws.com', {
        action: 'sqs:SendMessage',
        resource: queue.arn,
        context,
      });
      const body = JSON.stringify({ Records: [s3Record(account, bucket, event)] });
      await account.deliveries.send(async () => {
        await account.sqs.send(queue.name, body);
      });
    }
  });
}

function wants(configuration: QueueNotification, event: ObjectEvent): boolean {
  return (
    globMatches(configuration.event, `s3:${event.name}`) &&
    event.key.startsWith(configuration.prefix) &&
    event.key.endsWith(configuration.suffix)
  );
}

/** S3 refuses two configurations that could both want one event. */
function refuseOverlaps(configurations: readonly QueueNotification[]): void {
  configurations.forEach((one, index) => {
    for (const other of configurations.slice(index + 1)) {
      const sameEvents = globMatches(one.event, other.event) || globMatches(other.event, one.event);
      const samePrefix = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
      const sameSuffix = one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix);
      if (sameEvents && samePrefix && sameSuffix) throw new Error(`notifications for ${one.event} overlap`);
    }
  });
}

async function sendTestEvents(account: Account, bucket: Bucket, configurations: readonly QueueNotification[]) {
  const sent = new KeptText(join(account.dataDir, 'test-events', bucket.name));
  const arns = [...new Set(configurations.map(({ queue }) => queue.arn))].sort().join('\n');
  if (sent.read() === arns) return;
  for (const { queue } of configurations) {
    await account.sqs.send(
      queue.name,
      JSON.stringify({
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Time: new Date(account.clock.now()).toISOString(),
        Bucket: bucket.name,
        RequestId: 'local',
        HostId: 'local',
      }),
    );
  }
  sent.write(arns);
}

function s3Record(account: Account, bucket: Bucket, event: ObjectEvent): Record<string, unknown> {
  const key = encodeURIComponent(event.key).replaceAll('%20', '+').replaceAll('%2F', '/');
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: account.region,
    eventTime: event.time,
    eventName: event.name,
    userIdentity: { principalId: 'AWS:LOCAL' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': 'local', 'x-amz-id-2': 'local' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'local',
      bucket: { name: bucket.name, ownerIdentity: { principalId: 'LOCAL' }, arn: bucket.arn },
      object: {
        key,
        ...(event.size === undefined ? {} : { size: event.size }),
        ...(event.etag === undefined ? {} : { eTag: event.etag }),
        ...(event.versionId === undefined ? {} : { versionId: event.versionId }),
        sequencer: event.sequencer,
      },
    },
  };
}
