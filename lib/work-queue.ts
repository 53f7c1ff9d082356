import { RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { DeduplicationScope, FifoThroughputLimit, type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionSize, type QueueFeed, retention, visibilityTimeout } from './config.ts';
import type { NodeFunction } from './node-function.ts';

export interface WorkQueueProps {
  /** Size of the function that will work on it: the visibility timeout follows from it. */
  readonly worker: FunctionSize;
  /** How it feeds that function. */
  readonly feed: QueueFeed;
  /**
   * Whether messages of a group keep their order and are worked on one batch at a time.
   * @default false
   */
  readonly fifo?: boolean;
}

/** Work for a function, and the queue where its unexpected failures wait to be looked at and redriven. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly feed: QueueFeed;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.feed = props.feed;
    this.deadLetters = keptQueue(this, 'DeadLetters', { fifo: props.fifo ?? false });
    this.queue = new Queue(this, 'Queue', {
      ...(props.fifo && {
        fifo: true,
        // Each sender gives a unique id: content-based deduplication would drop requests for five minutes.
        contentBasedDeduplication: false,
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      }),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      retentionPeriod: retention.work,
      visibilityTimeout: visibilityTimeout(props.worker, props.feed),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.feed.maxReceiveCount },
    });
  }

  /** Lets the function work on the queue's messages and report those that failed one by one. */
  feedInto(worker: NodeFunction): void {
    // What Lambda needs to poll, and no more: CDK's own event source grants five actions.
    Grant.addToPrincipal({
      grantee: worker,
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resourceArns: [this.queue.queueArn],
    });
    new EventSourceMapping(this, 'Feed', {
      target: worker.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: this.feed.batchSize,
      ...(this.feed.window && { maxBatchingWindow: this.feed.window }),
      maxConcurrency: this.feed.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }

  /** Lets it put work into the queue. */
  grantSend(grantee: IGrantable): Grant {
    return grantSend(this.queue, grantee);
  }
}

/** A queue that only keeps what failed. */
export function keptQueue(scope: Construct, id: string, options: { fifo: boolean } = { fifo: false }): Queue {
  return new Queue(scope, id, {
    ...(options.fifo && { fifo: true }),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
    retentionPeriod: retention.deadLetters,
  });
}

/** Only `sqs:SendMessage`: CDK's own grant adds two actions that nobody here uses. */
export function grantSend(queue: IQueue, grantee: IGrantable | IRole): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
}
