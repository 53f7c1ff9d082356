import { beforeAll, describe, expect, it } from 'vitest';
import { ofType, one, type Resource, references, statements, synthesise, type Template } from './synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

const functionOf = (source: Resource): Resource => {
  const id = references(source.Properties.FunctionName)[0];
  return one(ofType(template, 'AWS::Lambda::Function').filter((candidate) => candidate.logicalId === id));
};
const queueSources = () =>
  ofType(template, 'AWS::Lambda::EventSourceMapping').filter((source) =>
    references(source.Properties.EventSourceArn).some((id) => template.Resources[id]?.Type === 'AWS::SQS::Queue'),
  );

describe('queues', () => {
  it('hide a batch for six times its function’s timeout and the window', () => {
    for (const source of queueSources()) {
      const queue = template.Resources[references(source.Properties.EventSourceArn)[0] ?? ''];
      const timeout_s = Number(functionOf(source).Properties.Timeout);
      const window_s = Number(source.Properties.MaximumBatchingWindowInSeconds ?? 0);
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout_s + window_s);
    }
    expect(queueSources()).toHaveLength(3);
  });

  it('keep what fails, or keep only what failed', () => {
    const queues = ofType(template, 'AWS::SQS::Queue');
    const kept = new Set([
      ...queues.flatMap((queue) => references(queue.Properties.RedrivePolicy)),
      ...ofType(template, 'AWS::Lambda::EventSourceMapping').flatMap((source) =>
        references(source.Properties.DestinationConfig),
      ),
      ...ofType(template, 'AWS::Events::Rule').flatMap((rule) =>
        JSON.stringify(rule.Properties.Targets).includes('DeadLetterConfig') ? references(rule.Properties.Targets) : [],
      ),
    ]);
    const without = queues.filter((queue) => !queue.Properties.RedrivePolicy && !kept.has(queue.logicalId));
    expect(without.map((queue) => queue.logicalId)).toEqual([]);
  });

  it('have dead-letter queues of their own kind that keep messages as long as SQS can', () => {
    for (const queue of ofType(template, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy)) {
      const deadLetters = template.Resources[references(queue.Properties.RedrivePolicy)[0] ?? ''];
      expect(deadLetters?.Properties.FifoQueue).toBe(queue.Properties.FifoQueue);
      expect(deadLetters?.Properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
    }
  });

  it('are encrypted', () => {
    for (const queue of ofType(template, 'AWS::SQS::Queue')) expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
  });

  it('take image events of this account’s buckets only', () => {
    const allowed = ofType(template, 'AWS::SQS::QueuePolicy')
      .flatMap(statements)
      .filter((statement) => JSON.stringify(statement.Principal).includes('s3.amazonaws.com'));
    expect(one(allowed)).toMatchObject({
      Action: ['sqs:SendMessage'],
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });
});

describe('event sources', () => {
  it('report the failed messages one by one', () => {
    for (const source of ofType(template, 'AWS::Lambda::EventSourceMapping'))
      expect(source.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('of queues have a bounded concurrency of at least 2, and a window when batches pass 10', () => {
    for (const source of queueSources()) {
      expect(source.Properties.ScalingConfig).toMatchObject({ MaximumConcurrency: expect.any(Number) });
      expect((source.Properties.ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency).toBeGreaterThan(1);
      if (Number(source.Properties.BatchSize) > 10)
        expect(source.Properties.MaximumBatchingWindowInSeconds).toBeGreaterThan(0);
    }
  });

  it('never ask for more images than one call to the endpoint can carry', () => {
    const intake = queueSources().filter((source) => functionOf(source).logicalId.startsWith('IntakePreprocess'));
    const batch = Number(one(intake).Properties.BatchSize);
    expect(batch).toBeLessThanOrEqual(90);
    expect(batch * 256 * 256).toBeLessThan(6_000_000);
  });

  it('of the stream find one bad record by halving before they give up', () => {
    const [stream] = ofType(template, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties }) => Properties.StartingPosition,
    );
    const halvings = Math.ceil(Math.log2(Number(stream?.Properties.BatchSize)));
    expect(stream?.Properties.MaximumRetryAttempts).toBeGreaterThanOrEqual(halvings + 5);
  });

  it('of the stream read current items, bisect, give up in time and keep what they gave up on', () => {
    const stream = ofType(template, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties }) => Properties.StartingPosition,
    );
    expect(one(stream).Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: expect.any(Number),
      MaximumRecordAgeInSeconds: expect.any(Number),
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      FilterCriteria: {
        Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys: { sortKey: { S: [{ prefix: 'c#' }] } } } }) }],
      },
    });
  });
});

describe('sweep', () => {
  it('is started by a schedule with a role of its own', () => {
    const schedule = one(ofType(template, 'AWS::Scheduler::Schedule')).Properties;
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      Target: { Input: '{"kind":"sweep"}', DeadLetterConfig: { Arn: expect.anything() } },
    });
  });
});
