import type { SQSEvent, SQSRecord } from 'aws-lambda';

/** An SQS event with these bodies; message ids are m1, m2, … */
export function sqsEvent(bodies: readonly (object | string)[], receiveCount = 1): SQSEvent {
  return { Records: bodies.map((body, index) => sqsRecord(`m${index + 1}`, body, receiveCount)) };
}

export function sqsRecord(messageId: string, body: object | string, receiveCount = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:test',
    awsRegion: 'us-east-1',
  };
}

/** S3's event for an object, its key encoded as S3 does. */
export const s3Event = (key: string, name = 'ObjectCreated:Put'): object => ({
  Records: [
    { eventName: name, s3: { object: { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/') } } },
  ],
});
