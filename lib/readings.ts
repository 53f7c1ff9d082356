import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { functionSizes, readingsStream } from './config.ts';
import { NodeFunction } from './node-function.ts';
import type { Options } from './options.ts';
import { grantSend, keptQueue, type WorkQueue } from './work-queue.ts';

/** On demand, with point-in-time recovery, as every table here. `Table`, not `TableV2`: more tools read its template. */
export function tableProps(retainData: boolean): Omit<TableProps, 'partitionKey'> {
  return {
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retainData,
    // Not RETAIN_ON_UPDATE_OR_DELETE, as the buckets have: a first deployment that fails could not delete a protected table,
    // and its rollback would fail too (docs/deploy.md says what to do with the empty table that is left).
    removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

export interface ReadingsProps {
  readonly options: Options;
}

/** What NViR read in each image: one current item an image, its history beside it. */
export class Readings extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: ReadingsProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      ...tableProps(props.options.retainData),
      partitionKey: { name: 'plateKey', type: AttributeType.STRING },
      sortKey: { name: 'sortKey', type: AttributeType.STRING },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
  }

  /** Lets it read an image's current reading and its history, or a plate's. */
  grantQuery(grantee: IGrantable): Grant {
    return this.grant(grantee, 'dynamodb:Query');
  }

  /** Lets it keep images' readings: look at the current ones, write the next. */
  grantKeep(grantee: IGrantable): Grant {
    return this.grant(grantee, 'dynamodb:BatchGetItem', 'dynamodb:PutItem');
  }

  private grant(grantee: IGrantable, ...actions: string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.table.tableArn] });
  }
}

export interface ReadingNewsProps {
  readonly options: Options;
  readonly readings: Readings;
  /** Takes the requests to score a study. */
  readonly scoring: WorkQueue;
}

/** Turns changed readings into requests to score their study. The stream is not a promise: the sweep closes its gaps. */
export class ReadingNews extends Construct {
  readonly notify: NodeFunction;
  /** Where the place of records that could not be handed on is kept. */
  readonly failures: Queue;

  constructor(scope: Construct, id: string, props: ReadingNewsProps) {
    super(scope, id);
    this.failures = keptQueue(this, 'Failures');
    acknowledge(
      this.failures,
      'SQS3',
      "It is itself where the stream's failed records are kept; it has no consumer that could fail.",
    );
    this.notify = new NodeFunction(this, 'Notify', {
      name: 'notify',
      description: 'Readings changed: asks for their studies to be scored',
      size: functionSizes.notify,
      options: props.options,
      environment: { SCORING_QUEUE_URL: props.scoring.queue.queueUrl },
    });
    props.scoring.grantSend(this.notify);
    this.follow(props.readings);
  }

  /** Lets notify follow the table's stream. */
  private follow(readings: Readings): void {
    const stream = readings.table.tableStreamArn;
    if (!stream) throw new Error('the readings table has no stream');
    Grant.addToPrincipal({
      grantee: this.notify,
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resourceArns: [stream],
    });
    Grant.addToPrincipal({ grantee: this.notify, actions: ['dynamodb:ListStreams'], resourceArns: ['*'] });
    acknowledge(
      this.notify.role,
      'IAM5[Resource::*]',
      'dynamodb:ListStreams, which Lambda needs to poll, knows no resource.',
    );
    grantSend(this.failures, this.notify);
    new EventSourceMapping(this, 'Feed', {
      target: this.notify.function,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: readingsStream.batchSize,
      maxBatchingWindow: readingsStream.window,
      bisectBatchOnError: true,
      retryAttempts: readingsStream.retryAttempts,
      maxRecordAge: readingsStream.maxRecordAge,
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
      reportBatchItemFailures: true,
      // Current readings only: history is written beside them and says nothing new.
      filters: [FilterCriteria.filter({ dynamodb: { Keys: { sortKey: { S: FilterRule.beginsWith('c#') } } } })],
    });
  }
}
