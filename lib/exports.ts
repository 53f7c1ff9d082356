import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  CfnBucket,
  type IBucket,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { retention, supersededImages } from './config.ts';

/** Keys that microscopes write: images and the laboratory's notes. */
const exportsPrefix = 'exports/';
/** Keys that the pipeline writes: what a score was made from, where it outgrows a table's item. */
const provenancePrefix = 'provenance/';

export interface ExportsProps {
  /**
   * Whether images outlive the stack.
   * @default true
   */
  readonly retainData?: boolean;
}

/** The bucket that laboratories sync their microscopes' exports into. */
export class Exports extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: ExportsProps = {}) {
    super(scope, id);
    const guarded = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: props.retainData === false ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    } satisfies BucketProps;

    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...guarded,
      lifecycleRules: [{ id: 'expire', expiration: retention.accessLogs }],
    });
    acknowledge(accessLogs, 'S1', 'It holds the access logs: logging its own access would never end.');

    this.bucket = new Bucket(this, 'Bucket', {
      ...guarded,
      versioned: true,
      // CDK's types are not made for exactOptionalPropertyTypes: its own Bucket is no IBucket without a word.
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: 'exports/',
      lifecycleRules: [
        {
          id: 'superseded',
          noncurrentVersionTransitions: [
            { storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: supersededImages.toInfrequentAccess },
          ],
          noncurrentVersionExpiration: supersededImages.expire,
          expiredObjectDeleteMarker: true,
        },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: supersededImages.abortUpload },
      ],
    });
  }

  /**
   * Sends a message for every image and note that came or went, delete markers included.
   *
   * By the bucket's own property: CDK's `addEventNotification` brings a Python function to do the same. S3 tries the
   * queue when it is told of it, so the policy stands first; it names the account, because the bucket's ARN would make a circle.
   */
  notify(queue: Queue): void {
    const allowed = queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ExportsSendEvents',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new Error('the export bucket is no CloudFormation bucket');
    resource.notificationConfiguration = {
      queueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => ({
        event,
        queue: queue.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: exportsPrefix }] } },
      })),
    };
    if (allowed.policyDependable) resource.node.addDependency(allowed.policyDependable);
  }

  /**
   * Lets it read images and notes. Without leave to list, S3 answers 403 instead of 404 for an object that is gone,
   * so that nobody could tell a removed image from a forbidden one.
   */
  grantRead(grantee: IGrantable): void {
    this.grantList(grantee);
    this.allowObjects(
      grantee,
      exportsPrefix,
      ['s3:GetObject'],
      'reads what laboratories upload, under keys of their choice',
    );
  }

  /** Lets it list studies, plates and images. */
  grantList(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
  }

  /** Lets it keep what a score was made from. */
  grantKeepProvenance(grantee: IGrantable): void {
    this.allowObjects(
      grantee,
      provenancePrefix,
      ['s3:PutObject'],
      'keeps one provenance object a study and content digest',
    );
  }

  /** Lets it read what a score was made from. */
  grantReadProvenance(grantee: IGrantable): void {
    this.allowObjects(grantee, provenancePrefix, ['s3:GetObject'], 'reads the provenance of any study');
  }

  private allowObjects(grantee: IGrantable, prefix: string, actions: string[], reason: string): void {
    Grant.addToPrincipal({ grantee, actions, resourceArns: [this.bucket.arnForObjects(`${prefix}*`)] });
    const bucket = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    acknowledge(
      grantee.grantPrincipal as unknown as Construct,
      `IAM5[Resource::<${bucket}.Arn>/${prefix}*]`,
      `It ${reason}.`,
    );
  }
}
