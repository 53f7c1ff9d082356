import type { QueueSettings } from '../contract.ts';
import { ServiceError } from '../http.ts';

/** Queue attributes as the API writes them (all text) and as the queue keeps them. */
export function settingsFrom(name: string, attributes: Record<string, string>, base?: QueueSettings): QueueSettings {
  const number = (key: string, otherwise: number) => {
    const text = attributes[key];
    if (text === undefined) return otherwise;
    if (!/^\d+$/.test(text)) throw new ServiceError('InvalidAttributeValue', `Invalid value for the parameter ${key}.`);
    return Number(text);
  };
  const redrive = attributes.RedrivePolicy === undefined ? base?.redrive : redriveFrom(attributes.RedrivePolicy);
  return {
    fifo: name.endsWith('.fifo'),
    visibilityTimeoutSeconds: number('VisibilityTimeout', base?.visibilityTimeoutSeconds ?? 30),
    delaySeconds: number('DelaySeconds', base?.delaySeconds ?? 0),
    retentionSeconds: number('MessageRetentionPeriod', base?.retentionSeconds ?? 345_600),
    ...(redrive ? { redrive } : {}),
  };
}

export function attributesOf(settings: QueueSettings, arn: string): Record<string, string> {
  const queuesArn = arn.slice(0, arn.lastIndexOf(':'));
  return {
    QueueArn: arn,
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    MaximumMessageSize: '262144',
    ReceiveMessageWaitTimeSeconds: '0',
    ...(settings.fifo ? { FifoQueue: 'true', ContentBasedDeduplication: 'false' } : {}),
    ...(settings.redrive
      ? {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: `${queuesArn}:${settings.redrive.deadLetterQueueName}`,
            maxReceiveCount: settings.redrive.maxReceiveCount,
          }),
        }
      : {}),
  };
}

function redriveFrom(text: string): QueueSettings['redrive'] {
  if (text === '') return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Record<string, unknown>;
  return {
    deadLetterQueueName: String(deadLetterTargetArn).split(':').at(-1) ?? '',
    maxReceiveCount: Number(maxReceiveCount),
  };
}
