import { beforeAll, describe, expect, it } from 'vitest';
import {
  ofType,
  one,
  type Resource,
  references,
  type Statement,
  statements,
  synthesise,
  type Template,
} from './synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

const denials = (policy: Resource): Statement[] =>
  statements(policy).filter(
    (statement) =>
      statement.Effect === 'Deny' &&
      JSON.stringify(statement.Condition) === JSON.stringify({ Bool: { 'aws:SecureTransport': 'false' } }),
  );

describe('buckets', () => {
  it('are private, encrypted and owned by the account', () => {
    for (const bucket of ofType(template, 'AWS::S3::Bucket')) {
      expect(Object.values(bucket.Properties.PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
      expect(JSON.stringify(bucket.Properties.BucketEncryption)).toContain('SSEAlgorithm');
      expect(bucket.Properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    }
  });

  it('keep versions of images and tell of those that came and went, below exports/ only', () => {
    const bucket = one(
      ofType(template, 'AWS::S3::Bucket').filter(({ Properties }) => Properties.NotificationConfiguration),
    );
    expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    const { QueueConfigurations } = bucket.Properties.NotificationConfiguration as {
      QueueConfigurations: { Event: string; Filter: unknown }[];
    };
    expect(QueueConfigurations.map(({ Event }) => Event)).toEqual(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']);
    for (const { Filter } of QueueConfigurations)
      expect(Filter).toEqual({ S3Key: { Rules: [{ Name: 'prefix', Value: 'exports/' }] } });
  });

  it('outlive the stack, but not a first deployment that fails: then they are empty', () => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of ofType(template, 'AWS::S3::Bucket'))
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  it('never expire a current image', () => {
    const bucket = one(
      ofType(template, 'AWS::S3::Bucket').filter(({ Properties }) => Properties.NotificationConfiguration),
    );
    const { Rules } = bucket.Properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] };
    for (const rule of Rules) expect(Object.keys(rule)).not.toContain('ExpirationInDays');
  });
});

it.each(['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'])(
  'every %s refuses plain HTTP',
  (type) => {
    const policies = ofType(template, type);
    for (const policy of policies) expect(denials(policy), policy.logicalId).toHaveLength(1);
    const guarded = {
      'AWS::S3::BucketPolicy': 'Bucket',
      'AWS::SQS::QueuePolicy': 'Queues',
      'AWS::SNS::TopicPolicy': 'Topics',
    };
    const kind = {
      'AWS::S3::BucketPolicy': 'AWS::S3::Bucket',
      'AWS::SQS::QueuePolicy': 'AWS::SQS::Queue',
      'AWS::SNS::TopicPolicy': 'AWS::SNS::Topic',
    };
    const covered = policies.flatMap((policy) => references(policy.Properties[guarded[type as keyof typeof guarded]]));
    expect(covered.sort()).toEqual(
      ofType(template, kind[type as keyof typeof kind])
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
  },
);

describe('tables', () => {
  it('can be restored to any point in time and cannot be deleted by mistake', () => {
    const tables = ofType(template, 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      expect(table.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        BillingMode: 'PAY_PER_REQUEST',
      });
      expect(table.DeletionPolicy).toBe('Retain');
    }
  });

  it('have one stream, on readings', () => {
    const streams = ofType(template, 'AWS::DynamoDB::Table').filter(({ Properties }) => Properties.StreamSpecification);
    expect(one(streams).logicalId).toMatch(/^Readings/);
  });
});

describe('data', () => {
  it('goes with the stack when it is only a trial', () => {
    const trial = synthesise({ retainData: 'false' });
    for (const type of ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'])
      for (const { DeletionPolicy } of ofType(trial, type)) expect(DeletionPolicy).toBe('Delete');
  });
});
